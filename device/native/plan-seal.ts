import { closeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { loadNative } from '../../native/index.ts';
import type { PlainPlan } from '../../src/model/index.ts';

/** Port: what keeps the plan of an encrypted model unreadable on the disk. */
export interface PlanSeal {
  /** Rejects where this device may not, or can't, open the model. */
  check(): Promise<void>;
  /** Plain bytes of the network. */
  network(): Promise<Uint8Array>;
  /** Keeps a file in memory out of swap, as long as it is now, until what this gives back is called. */
  keep(file: number): () => void;
  /** Encrypts the plan at `from` into `target`, which is not there yet, synced; says what the plan is. */
  seal(from: string, target: string): Promise<PlainPlan>;
  /** InputError `sealed-file` where it is not what was encrypted. */
  open(path: string, plain: PlainPlan): Promise<Uint8Array>;
}

/** Network and plan of one build, in files that are on no disk. A process that is started gets them as descriptors. */
export class PlanInMemory {
  readonly #network: number;
  readonly #plan: number;
  #letGo: readonly (() => void)[] = [];

  constructor(
    network: Uint8Array,
    keep: PlanSeal['keep'],
    memoryFile: (bytes?: Uint8Array) => number = loadNative().memoryFile,
  ) {
    this.#network = memoryFile(network);
    try {
      this.#plan = memoryFile();
    } catch (error) {
      closeSync(this.#network);
      throw error;
    }
    try {
      // The process that builds has the same pages.
      this.#letGo = [keep(this.#network)];
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** In the order of `paths`, behind the three that every process has. */
  get descriptors(): readonly [number, number] {
    return [this.#network, this.#plan];
  }

  /** As the process that gets the descriptors names them. */
  static readonly paths = { onnx: '/proc/self/fd/3', plan: '/proc/self/fd/4' } as const;

  async sealInto(seal: PlanSeal, target: string): Promise<PlainPlan> {
    const from = `/proc/self/fd/${this.#plan}`;
    // It grew while it was built: before that there was nothing to keep.
    this.#letGo = [...this.#letGo, seal.keep(this.#plan)];
    await rm(target, { force: true });
    return seal.seal(from, target);
  }

  close(): void {
    for (const letGo of this.#letGo) letGo();
    this.#letGo = [];
    closeSync(this.#network);
    closeSync(this.#plan);
  }
}
