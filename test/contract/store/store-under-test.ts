import type { Change, Store } from '../../../src/controller/index.ts';
import { hour, minute, t0 } from './rows.ts';

/** A disk for the database of one controller. */
export interface StoreDisk {
  /** A store on this disk, as a new process opens it; the one before was closed. */
  open(): Store | Promise<Store>;
  close(): void;
}

/** The store that a test is about, and short ways to use it. */
export class StoreUnderTest {
  #disk: StoreDisk | undefined;
  #store: Store | undefined;

  get store(): Store {
    if (this.#store === undefined) throw new Error('The store was not opened.');
    return this.#store;
  }

  async open(disk: StoreDisk): Promise<void> {
    this.#disk = disk;
    this.#store = await disk.open();
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#disk?.close();
  }

  /** Another life of the controller on the same disk. */
  readonly reopen = async (): Promise<void> => {
    await this.store.close();
    this.#store = await this.#disk?.open();
  };

  readonly write = (...changes: Change[]) => this.store.commit({ changes });

  readonly load = (since: Partial<Parameters<Store['load']>[0]> = {}) =>
    this.store.load({ warningsMs: 0, incidentsMs: 0, ...since });

  readonly ask = (change: Partial<Parameters<Store['metrics']>[0]> = {}) =>
    this.store.metrics({
      ...{ devices: ['d1'], name: 'fps', labels: {}, fromMs: t0, toMs: t0 + hour, stepMs: minute },
      ...change,
    });
}
