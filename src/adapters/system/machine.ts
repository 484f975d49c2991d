import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { BoardReadings, Machine, ProcessReadings } from '../../agent/index.ts';
import type { Birth } from '../../protocol/index.ts';
import { BoardSensors, boardFacts } from './board.ts';

/** The histogram holds the time between two of its own ticks, so an idle loop reads as this much. */
const tickMs = 5;

/** This machine and this process. `close` stops watching the event loop. */
export class SystemMachine implements Machine {
  readonly #root: string;
  readonly #sensors: BoardSensors;
  readonly #delay: IntervalHistogram;
  #cpu = process.cpuUsage();
  #sinceMs = performance.now();

  constructor(root = '/') {
    this.#root = root;
    this.#sensors = new BoardSensors(root);
    this.#delay = monitorEventLoopDelay({ resolution: tickMs });
    this.#delay.enable();
  }

  board(): Promise<Birth['board']> {
    return boardFacts(this.#root);
  }

  readBoard(): Promise<BoardReadings> {
    return this.#sensors.read();
  }

  readProcess(): ProcessReadings {
    const nowMs = performance.now();
    const used = process.cpuUsage(this.#cpu);
    const elapsedMs = Math.max(1, nowMs - this.#sinceMs);
    const p99Ms = this.#delay.count === 0 ? 0 : this.#delay.percentile(99) / 1e6 - tickMs;
    this.#cpu = process.cpuUsage();
    this.#sinceMs = nowMs;
    this.#delay.reset();
    return {
      memoryBytes: process.memoryUsage.rss(),
      cpuCores: (used.user + used.system) / 1000 / elapsedMs,
      eventLoopDelaySeconds: Math.max(0, p99Ms) / 1000,
    };
  }

  close(): void {
    this.#delay.disable();
  }
}
