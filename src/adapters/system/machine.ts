import { performance } from 'node:perf_hooks';
import type { BoardReadings, Machine, ProcessReadings } from '../../agent/index.ts';
import type { Birth } from '../../protocol/index.ts';
import { BoardSensors, boardFacts } from './board.ts';
import { hardwareHash } from './board-identity.ts';
import { LoopDelay } from './loop-delay.ts';

/** This machine and this process. `close` stops watching the event loop. */
export class SystemMachine implements Machine {
  readonly #root: string;
  readonly #sensors: BoardSensors;
  readonly #delay = new LoopDelay();
  #hardware: Promise<string | undefined> | undefined;
  #cpu = process.cpuUsage();
  #sinceMs = performance.now();

  constructor(root = '/') {
    this.#root = root;
    this.#sensors = new BoardSensors(root);
  }

  async board(): Promise<Birth['board']> {
    // Once: a card that comes and goes must not look like another board.
    this.#hardware ??= hardwareHash(this.#root);
    const hardware = await this.#hardware;
    return { ...(await boardFacts(this.#root)), ...(hardware === undefined ? {} : { hardware }) };
  }

  readBoard(): Promise<BoardReadings> {
    return this.#sensors.read();
  }

  readProcess(): ProcessReadings {
    const nowMs = performance.now();
    const used = process.cpuUsage(this.#cpu);
    const elapsedMs = Math.max(1, nowMs - this.#sinceMs);
    this.#cpu = process.cpuUsage();
    this.#sinceMs = nowMs;
    return {
      memoryBytes: process.memoryUsage.rss(),
      cpuCores: (used.user + used.system) / 1000 / elapsedMs,
      eventLoopDelaySeconds: this.#delay.takeP99Ms() / 1000,
    };
  }

  close(): void {
    this.#delay.close();
  }
}
