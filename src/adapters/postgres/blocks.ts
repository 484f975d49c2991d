/**
 * Blocks of many rows as one parameter, cut apart by the database: as text, which is what an array of them would travel
 * as, they would be twice as long.
 */
export class Blocks {
  readonly #parts: Uint8Array[] = [];
  readonly starts: number[] = [];
  readonly lengths: number[] = [];
  /** Of each row, column by column. */
  readonly columns: [number[], number[], number[]] = [[], [], []];
  #bytes = 0;

  add(block: Uint8Array, ...values: [number, number, number?]): void {
    this.#parts.push(block);
    this.starts.push(this.#bytes + 1);
    this.lengths.push(block.byteLength);
    this.#bytes += block.byteLength;
    for (const [at, value] of values.entries()) this.columns[at as 0 | 1 | 2].push(value ?? 0);
  }

  get size(): number {
    return this.starts.length;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts, this.#bytes);
  }
}
