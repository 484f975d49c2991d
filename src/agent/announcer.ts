import type { Cancel, Clock } from '../base/index.ts';
import type { Birth, Reported } from '../protocol/index.ts';
import type { InstrumentRegistry } from '../telemetry/index.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import type { DevicePublisher } from './device-publisher.ts';
import type { DeviceReport } from './device-report.ts';
import { announcedSeconds } from './reporting-interval.ts';

export interface AnnouncerPorts {
  readonly self: DeviceReport;
  readonly registry: InstrumentRegistry;
  readonly stateStore: AgentStateStore;
  readonly publisher: DevicePublisher;
  readonly clock: Clock;
  /** Between two batches of metrics as set, and as the day's bytes stretch it now. */
  readonly everyMs: number;
  readonly neededMs: () => number;
  readonly onReported?: ((reported: Reported) => void) | undefined;
}

const birthRetryMs = 5_000;
const soonMs = 100;

/** When the device says what it is (its birth) and how it does (what it reports). */
export class Announcer {
  readonly #ports: AnnouncerPorts;
  /** Known before the first birth. */
  board: Birth['board'] | undefined;
  #catalogueGrew = true;
  #toldSettings: string | undefined;
  #reportsEverySeconds: number | undefined;
  #retry: Cancel | undefined;
  #soon: Cancel | undefined;

  constructor(ports: AnnouncerPorts) {
    this.#ports = ports;
    // The next `refresh` gives birth anew, so that the fleet knows every alias before a batch has it.
    ports.registry.onGrown(() => {
      this.#catalogueGrew = true;
    });
  }

  /** Before a batch: nothing in it surprises the fleet. */
  async refresh(): Promise<void> {
    if (this.#catalogueGrew || this.#intervalChanged()) await this.giveBirth();
    // Somebody on the device set a camera: one that was switched off gives no frames, and is not missed.
    const { self } = this.#ports;
    if (this.#toldSettings !== undefined && this.#toldSettings !== JSON.stringify(self.pipelines()))
      this.report();
  }

  /** No batch is made for lack of bytes: says something all the same, as often as it was announced. */
  stayHeard(): void {
    const { publisher, clock, everyMs } = this.#ports;
    if (!publisher.online || this.#reportsEverySeconds === undefined) return;
    // A timer is never exact.
    const dueMs = publisher.saidMs + this.#reportsEverySeconds * 1000 - everyMs / 2;
    if (clock.monotonicMs() >= dueMs) this.report();
  }

  #intervalChanged(): boolean {
    const { everyMs, neededMs } = this.#ports;
    const before = this.#reportsEverySeconds;
    return before !== undefined && announcedSeconds(everyMs, neededMs(), before) !== before;
  }

  async giveBirth(): Promise<void> {
    const { self, registry, stateStore, publisher, clock, everyMs, neededMs } = this.#ports;
    const catalogue = [...registry.catalogue()];
    if (this.#catalogueGrew) {
      this.#catalogueGrew = false;
      void stateStore.update({ catalogue });
    }
    if (this.board === undefined) return;
    const seconds = announcedSeconds(everyMs, neededMs(), this.#reportsEverySeconds);
    this.#reportsEverySeconds = seconds;
    const born = await publisher.publish('state', self.birth(this.board, catalogue, seconds));
    this.#retry?.();
    this.#retry = undefined;
    if (!born && publisher.online) this.#retry = clock.after(birthRetryMs, () => void this.giveBirth());
  }

  report(): void {
    const { publisher, self, onReported } = this.#ports;
    const reported = self.reported();
    onReported?.(reported);
    this.#toldSettings = JSON.stringify(reported.pipelines);
    void publisher.publish('reported', reported);
  }

  /** Once for all that changes at the same moment. */
  reportSoon(): void {
    this.#soon ??= this.#ports.clock.after(soonMs, () => {
      this.#soon = undefined;
      this.report();
    });
  }

  close(): void {
    this.#retry?.();
    this.#soon?.();
  }
}
