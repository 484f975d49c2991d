import { type Clock, describeError, GoshawkError, type Log } from '../../base/index.ts';
import type { PeriodicTask } from '../module.ts';
import type { Retention } from '../store/retention.ts';
import type { Change, Store, StoredFleet } from '../store/store.ts';
import { decideRetentionTime, medianOf, type TimeDecision } from './retention-time.ts';
import type { SeriesTable } from './series.ts';
import { type CatalogueOwner, SeriesRetention } from './series-retention.ts';

export interface DataRetentionPorts {
  readonly store: Store;
  readonly series: SeriesTable;
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: { devices(): Iterable<CatalogueOwner & ClockWitness> };
  /** The clock is ahead and nobody confirms it, or that is over (undefined). Once for each change. */
  readonly onClockFault: (fault: GoshawkError | undefined) => void;
  /** Written with the next commit. */
  readonly change: (key: string, change: Change) => void;
}

/** A device, as far as it says what time it is. */
export interface ClockWitness {
  /** Its clock's time when our monotonic clock was 0; undefined while it sent nothing live. */
  readonly clockOriginMs: number | undefined;
  /** Monotonic. */
  readonly heardMs: number;
  /** How long nothing need be heard of it. */
  patienceMs(leastMs: number): number;
}

/** The clock of a device that said nothing for so long, and is overdue, is no witness. */
const heardLatelyMs = 600_000;

/** Keeps the database within its bounds: drops old rows, and series that no device names any more. */
export class DataRetention {
  readonly #ports: DataRetentionPorts;
  #retention: Retention;
  #series = new SeriesRetention([]);
  #databaseBytes: number | undefined;
  #time: (TimeDecision & { readonly atMs: number }) | undefined;
  #clockFault: GoshawkError | undefined;
  /** No device was heard since the start, so a time that passed while the controller was off looks like a jump. */
  #onlyFormerLife = false;

  constructor(ports: DataRetentionPorts, retention: Retention) {
    this.#ports = ports;
    this.#retention = retention;
  }

  /** In force with the next clean-up. */
  reconfigure({ retention }: { readonly retention: Retention }): void {
    this.#retention = retention;
  }

  load({ seriesUse, devices }: Pick<StoredFleet, 'seriesUse' | 'devices'>): void {
    this.#series = new SeriesRetention(seriesUse);
    const seen = devices.flatMap(({ lastSeenMs }) => lastSeenMs ?? []);
    if (seen.length > 0) this.#lastHeard(seen.reduce((a, b) => Math.max(a, b)));
  }

  start(): void {
    void this.#dropOldRows();
  }

  tasks(): readonly PeriodicTask[] {
    return [
      { everyMs: 60_000, run: () => void this.#dropOldRows() },
      { everyMs: 3_600_000, run: () => this.#dropUnusedSeries() },
    ];
  }

  /** When the controller heard anything last, in its life before: the wall clock of this one may be wrong already. */
  #lastHeard(lastSeenMs: number): void {
    const { clock } = this.#ports;
    this.#time = {
      ...{ state: 'steady', nowMs: lastSeenMs, trustedMs: lastSeenMs },
      atMs: clock.monotonicMs(),
    };
    this.#onlyFormerLife = true;
  }

  /** Set while the wall clock is ahead and no device says so. */
  get clockFault(): GoshawkError | undefined {
    return this.#clockFault;
  }

  /** As measured after the last clean-up. */
  get databaseBytes(): number | undefined {
    return this.#databaseBytes;
  }

  async #dropOldRows(): Promise<void> {
    const { store, log } = this.#ports;
    const nowMs = this.#nowMs();
    try {
      const { rows } = await store.retain(this.#retention, nowMs);
      if (rows > 0) log.debug('Old data dropped', { rows });
      this.#databaseBytes = await store.sizeBytes();
    } catch (error) {
      log.error('Old data could not be dropped', { cause: describeError(error) });
    }
  }

  #dropUnusedSeries(): void {
    const { series, registry, change } = this.#ports;
    const nowMs = this.#nowMs();
    const changes = this.#series.dropUnused(registry.devices(), series, nowMs, this.#retention.hour.maxAgeMs);
    for (const [index, one] of changes.entries()) change(`series-retention ${nowMs} ${index}`, one);
  }

  #nowMs(): number {
    const { clock, registry, log } = this.#ports;
    const atMs = clock.monotonicMs();
    const wallMs = clock.wallMs();
    const before = this.#time;
    const said = [...registry.devices()].flatMap((device) => {
      const { clockOriginMs, heardMs } = device;
      const isOverdue = atMs - heardMs > device.patienceMs(heardLatelyMs);
      return clockOriginMs === undefined || isOverdue ? [] : [clockOriginMs + atMs];
    });
    const time = decideRetentionTime({
      ...{ trustedMs: before?.trustedMs, elapsedMs: atMs - (before?.atMs ?? atMs) },
      ...{ wallMs, devicesMs: medianOf(said) },
    });
    this.#time = { ...time, atMs };
    const fault = this.#clockFault;
    this.#onlyFormerLife &&= said.length === 0 && time.state === 'held';
    this.#clockFault =
      time.state === 'held' && !this.#onlyFormerLife ? clockAhead(wallMs - time.nowMs) : undefined;
    if (this.#onlyFormerLife && time.state !== before?.state)
      log.info('No history is deleted for its age until a device confirms the time', {
        aheadHours: Math.round((wallMs - time.nowMs) / 3_600_000),
      });
    else if (time.state !== before?.state || (fault === undefined) !== (this.#clockFault === undefined)) {
      const fields = { state: time.state, wallMs, trustedMs: time.nowMs, devices: said.length };
      if ((fault === undefined) !== (this.#clockFault === undefined))
        this.#ports.onClockFault(this.#clockFault);
      if (this.#clockFault !== undefined)
        log.error(this.#clockFault.message, { ...fields, remedy: this.#clockFault.remedy });
      else if (time.state !== 'steady' || before?.state === 'held')
        log.warn('The clock of this machine jumped', fields);
    }
    return time.nowMs;
  }
}

function clockAhead(aheadMs: number): GoshawkError {
  const hours = Math.round(aheadMs / 3_600_000);
  return new GoshawkError(
    'clock-ahead',
    `The clock of the controller is ${hours} h ahead of what it was, and no device has that time: no history is deleted for its age.`,
    'Correct the clock of the machine. If it is right, correct the clocks of the devices.',
  );
}
