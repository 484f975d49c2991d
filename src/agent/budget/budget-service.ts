import { type Cancel, type Clock, defined, describeError, type Log } from '../../base/index.ts';
import type { Transport } from '../../protocol/index.ts';
import type { AgentEvent } from '../event-reporter.ts';
import type { BoardReadings, BudgetHost, BudgetReadings, CostReading } from '../ports.ts';
import { ByteBudget, type SentKind } from './byte-budget.ts';
import { type KeptDay, readKeptDay } from './day-sum.ts';
import { EnergyMeter } from './energy.ts';
import { budgetSpent, MeteredTransport } from './metered-transport.ts';

export interface Prices {
  /** ISO 4217. */
  readonly currency: string;
  readonly perKwh?: number | undefined;
  readonly perGbSent?: number | undefined;
  readonly perGbStoredMonth?: number | undefined;
}

export interface BudgetOptions {
  /** Undefined: counted, and nothing is refused. */
  readonly bytesPerDay?: number | undefined;
  readonly prices: Prices;
}

/** Port: what a restart must not forget; whatever lies there is read with care. */
export interface BudgetStorage {
  load(): Promise<unknown>;
  save(kept: KeptBudget): Promise<void>;
}

export interface KeptBudget {
  readonly bytes: KeptDay;
  readonly energy: KeptDay;
  /** The agent did not end properly: it may have sent more than stands here. */
  readonly open: boolean;
}

export interface BudgetPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: BudgetStorage;
  readonly reportEvent: (event: AgentEvent) => unknown;
  /** Bytes on the disk, by what they are of; as they were a while ago. */
  readonly stored: () => Readonly<Record<string, number>>;
}

const saveEveryMs = 60_000;
/** Of the day's bytes: so much is sent between two saves at most, and counts as sent after a crash. */
const unsavedShare = 0.01;
const lowShare = 0.8;
const wellShare = 0.7;
/** Bytes of a live picture, before one was sent. */
const usualPictureBytes = 40_000;
/** A kind that was not refused for this time is reported again. */
const quietMs = 3_600_000;

/** What a day costs: bytes to the fleet, with a cap; energy; storage. */
export class BudgetService implements BudgetHost {
  readonly #options: BudgetOptions;
  readonly #ports: BudgetPorts;
  readonly #bytes: ByteBudget;
  readonly #energy: EnergyMeter;
  readonly #cancel: Cancel;
  readonly #refusedMs = new Map<SentKind, number>();
  #savedBytes: number;
  #saving: Promise<void> = Promise.resolve();
  #low = false;
  /** Of the last live picture. */
  #pictureBytes = usualPictureBytes;

  private constructor(
    options: BudgetOptions,
    ports: BudgetPorts,
    kept: Partial<Record<keyof KeptBudget, unknown>>,
  ) {
    const { clock } = ports;
    const { bytesPerDay = Number.POSITIVE_INFINITY } = options;
    this.#options = options;
    this.#ports = ports;
    const [nowMs, wallMs] = [clock.monotonicMs(), clock.wallMs()];
    const before = readKeptDay(kept.bytes);
    const unsaved = kept.open === true && Number.isFinite(bytesPerDay) ? bytesPerDay * unsavedShare : 0;
    this.#bytes = new ByteBudget(bytesPerDay, nowMs, before && plus(before, unsaved), wallMs);
    this.#energy = new EnergyMeter(nowMs, readKeptDay(kept.energy), wallMs);
    this.#savedBytes = this.#bytes.usedBytes(nowMs);
    this.#cancel = clock.every(saveEveryMs, () => this.#minute());
  }

  static async open(options: BudgetOptions, ports: BudgetPorts): Promise<BudgetService> {
    const kept = await ports.storage.load().catch((error: unknown) => {
      ports.log.warn('The count of bytes sent today is lost', { reason: describeError(error) });
      return undefined;
    });
    const service = new BudgetService(options, ports, typeof kept === 'object' && kept !== null ? kept : {});
    await service.#save(true);
    return service;
  }

  /** The same transport, counted. */
  meter(transport: Transport): Transport {
    return this.#metered(transport);
  }

  /** The same transport, counted, to a broker that gets only results. */
  meterResults(transport: Transport): Transport {
    return this.#metered(transport, () => 'result');
  }

  /** Of what leaves by no transport of ours. LimitError `budget-spent` where there is no room. */
  spend(kind: 'result' | 'telemetry', bytes: number): void {
    if (!this.#take(kind, bytes, this.#ports.clock.monotonicMs())) throw budgetSpent(kind);
  }

  metricsDue(everyMs: number): boolean {
    return this.#bytes.metricsDue(everyMs, this.#ports.clock.monotonicMs());
  }

  metricsEveryMs(everyMs: number): number {
    return everyMs * this.#bytes.stretch(everyMs, this.#ports.clock.monotonicMs());
  }

  get metricsRoom(): boolean {
    return this.#bytes.hasMetricsRoom(this.#ports.clock.monotonicMs());
  }

  get previewRoom(): boolean {
    return this.#bytes.has('preview', this.#pictureBytes, this.#ports.clock.monotonicMs());
  }

  read(board: BoardReadings, frames: number): void {
    this.#energy.read(board, frames, this.#ports.clock.monotonicMs());
  }

  readings(): BudgetReadings {
    const nowMs = this.#ports.clock.monotonicMs();
    const { bytesPerDay } = this.#options;
    const energy = this.#energy.reading(nowMs);
    const stored = this.#ports.stored();
    const sentDayBytes = this.#bytes.usedBytes(nowMs);
    return {
      ...defined({ bytesPerDay }),
      ...{ sentDayBytes, sent: this.#bytes.totals(), stored },
      ...defined({ energy }),
      costs: this.#costs(sentDayBytes, energy?.dayJoules, stored),
    };
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#saving;
    await this.#save(false);
  }

  #costs(sent: number, joules: number | undefined, stored: Readonly<Record<string, number>>): CostReading[] {
    const { currency, perKwh, perGbSent, perGbStoredMonth } = this.#options.prices;
    const gb = Object.values(stored).reduce((sum, bytes) => sum + bytes, 0) / 1e9;
    return [
      ...(perKwh === undefined || joules === undefined
        ? []
        : [{ of: 'energy', currency, perDay: (joules / 3.6e6) * perKwh }]),
      ...(perGbSent === undefined ? [] : [{ of: 'network', currency, perDay: (sent / 1e9) * perGbSent }]),
      ...(perGbStoredMonth === undefined
        ? []
        : [{ of: 'storage', currency, perDay: (gb * perGbStoredMonth) / 30 }]),
    ];
  }

  #metered(transport: Transport, kindOf?: () => SentKind): Transport {
    const take = (kind: SentKind, bytes: number, nowMs: number) => this.#take(kind, bytes, nowMs);
    return new MeteredTransport(transport, { take }, this.#ports.clock, kindOf);
  }

  #take(kind: SentKind, bytes: number, nowMs: number): boolean {
    if (kind === 'preview') this.#pictureBytes = bytes;
    const taken = this.#bytes.take(kind, bytes, nowMs);
    if (!taken) this.#noteRefused(kind, nowMs);
    const used = this.#bytes.usedBytes(nowMs);
    if (used - this.#savedBytes > this.#bytes.bytesPerDay * unsavedShare) void this.#save(true);
    return taken;
  }

  /** Told later than it is noted: the event is sent the same way. */
  #noteRefused(kind: SentKind, nowMs: number): void {
    const lastMs = this.#refusedMs.get(kind);
    this.#refusedMs.set(kind, nowMs);
    if (lastMs !== undefined && nowMs - lastMs < quietMs) return;
    this.#ports.reportEvent({
      kind: 'budget.spent',
      severity: kind === 'preview' || kind === 'result' ? 'info' : 'warning',
      message: `The device has used up what it may send in 24 hours for ${words[kind]}: ${megabytes(this.#bytes.usedBytes(nowMs))} of ${megabytes(this.#bytes.bytesPerDay)} MB are sent.`,
      data: { of: kind },
    });
  }

  #minute(): void {
    const nowMs = this.#ports.clock.monotonicMs();
    const share = this.#bytes.usedBytes(nowMs) / this.#bytes.bytesPerDay;
    if (!this.#low && share >= lowShare)
      this.#ports.reportEvent({
        kind: 'budget.low',
        severity: 'warning',
        message: `${Math.round(share * 100)} % of what the device may send in 24 hours is sent; metrics come more rarely, live pictures and frames wait.`,
      });
    this.#low = this.#low ? share >= wellShare : share >= lowShare;
    void this.#save(true);
  }

  #save(open: boolean): Promise<void> {
    const { clock, storage, log } = this.#ports;
    const [nowMs, wallMs] = [clock.monotonicMs(), clock.wallMs()];
    const kept = { bytes: this.#bytes.keep(wallMs, nowMs), energy: this.#energy.keep(wallMs, nowMs), open };
    this.#savedBytes = this.#bytes.usedBytes(nowMs);
    this.#saving = this.#saving
      .then(() => storage.save(kept))
      .catch((error: unknown) =>
        log.debug('The count of bytes sent was not saved', { reason: describeError(error) }),
      );
    return this.#saving;
  }
}

const words: Readonly<Record<SentKind, string>> = {
  state: 'reports of its state',
  event: 'events',
  metrics: 'metrics',
  frame: 'frames',
  telemetry: 'OTLP',
  result: 'results',
  preview: 'live pictures',
};

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function plus({ wallMs, hours }: KeptDay, bytes: number): KeptDay {
  return { wallMs, hours: [...hours.slice(0, -1), (hours.at(-1) ?? 0) + bytes] };
}
