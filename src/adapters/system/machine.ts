import { statfs } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { BoardReadings, DiskReadings, Machine, ProcessReadings } from '../../agent/index.ts';
import { defined } from '../../base/index.ts';
import type { Birth } from '../../protocol/index.ts';
import { BoardSensors, boardFacts } from './board.ts';
import { hardwareHash } from './board-identity.ts';
import { LoopDelay } from './loop-delay.ts';

/** This machine and this process. `close` stops watching the event loop. */
export class SystemMachine implements Machine {
  readonly #root: string;
  readonly #sensors: BoardSensors;
  readonly #delay = new LoopDelay();
  readonly #dataDir: string;
  #disk: DiskReadings | undefined;
  #readingDisk = false;
  #hardware: Promise<string | undefined> | undefined;
  #cpu = process.cpuUsage();
  #sinceMs = performance.now();

  /** `dataDir`: what the agent writes to. */
  constructor(root = '/', dataDir = root) {
    this.#root = root;
    this.#dataDir = dataDir;
    this.#sensors = new BoardSensors(root);
  }

  async board(): Promise<Birth['board']> {
    // Once: a card that comes and goes must not look like another board.
    this.#hardware ??= hardwareHash(this.#root);
    const hardware = await this.#hardware;
    return { ...(await boardFacts(this.#root)), ...defined({ hardware }) };
  }

  readBoard(): Promise<BoardReadings> {
    return this.#sensors.read();
  }

  /** Of the machine, or of the group of processes that this one is bounded by. */
  freeMemoryBytes(): number | undefined {
    return process.availableMemory();
  }

  readProcess(): ProcessReadings {
    const nowMs = performance.now();
    const used = process.cpuUsage(this.#cpu);
    const elapsedMs = Math.max(1, nowMs - this.#sinceMs);
    this.#cpu = process.cpuUsage();
    this.#sinceMs = nowMs;
    return {
      memory: process.memoryUsage.rss(),
      cpu: (used.user + used.system) / 1000 / elapsedMs,
      eventLoopDelay: this.#delay.takeP99Ms() / 1000,
    };
  }

  readDisk(): DiskReadings | undefined {
    void this.#lookAtDisk();
    return this.#disk;
  }

  async #lookAtDisk(): Promise<void> {
    if (this.#readingDisk) return;
    this.#readingDisk = true;
    try {
      const { bavail, blocks, bsize } = await statfs(this.#dataDir);
      this.#disk = { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
    } catch {
      // A folder that is not there yet, or a disk that is gone: nothing is known of it.
      this.#disk = undefined;
    } finally {
      this.#readingDisk = false;
    }
  }

  close(): void {
    this.#delay.close();
  }
}
