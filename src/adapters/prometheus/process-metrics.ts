import { Registry } from 'prom-client';
import { controllerMetrics } from '../../api/index.ts';
import type { TelemetryIngest } from '../../controller/index.ts';
import { shown } from './instruments.ts';
import { programRegistry } from './program-metrics.ts';
import { WorkMetrics } from './work-metrics.ts';

/** What a process of the fleet can be; a process with the role control leads or stands by. */
export type ProcessPart = 'ingest' | 'api' | 'leader' | 'standby';

const metrics = controllerMetrics;
const counted = ['messages', 'samples', 'events', 'malformed', 'turnedAway', 'failedCallbacks'] as const;

/** One process of the controller as Prometheus reads it, whatever its roles: nothing of it names a device. */
export class ProcessMetrics {
  /** Requests and the database, counted as they come. */
  readonly work = new WorkMetrics();
  /** Of the program itself: once in a process. */
  readonly program: Registry;
  readonly #ingest = new Registry();

  /** `parts`: which ones it has at the moment. */
  constructor(version = 'unknown', parts: () => readonly ProcessPart[] = () => ['leader']) {
    this.program = programRegistry({ program: 'controller', version });
    shown(this.program, metrics.role, (put) => {
      for (const role of parts()) put(1, { role });
    });
  }

  /** What the role ingest takes. */
  showIngest({ counters }: TelemetryIngest, isWell: () => { broker: boolean; storage: boolean }): void {
    for (const name of counted) shown(this.#ingest, metrics[name], (put) => put(counters[name]));
    shown(this.#ingest, metrics.overQuota, (put) => {
      for (const [quota, count] of Object.entries(counters.overQuota)) put(count, { quota });
    });
    shown(this.#ingest, metrics.brokerConnected, (put) => put(isWell().broker ? 1 : 0));
    shown(this.#ingest, metrics.storageOk, (put) => put(isWell().storage ? 1 : 0));
  }

  async exposition(): Promise<{ readonly contentType: string; readonly text: string }> {
    const merged = Registry.merge([this.program, this.work.registry, this.#ingest]);
    return { contentType: merged.contentType, text: await merged.metrics() };
  }
}
