import type { Value } from './sql.ts';

/** Conditions that all hold, with their values: `add('kind = ?', kind)`. */
export class Where {
  readonly #parts: string[] = [];
  readonly values: Value[] = [];

  add(part: string, ...values: Value[]): void {
    let at = this.values.length;
    this.#parts.push(
      part.replaceAll('?', () => {
        at += 1;
        return `$${at}`;
      }),
    );
    this.values.push(...values);
  }

  get text(): string {
    return this.#parts.length === 0 ? '' : `WHERE ${this.#parts.join(' AND ')}`;
  }

  /** A further value, as it is named in a statement. */
  value(value: Value): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
