import type { AuditCheck, AuditEntry, AuditQuery, EventQuery, FleetEvent, Tier } from '../../api/index.ts';
import { LimitError } from '../../base/index.ts';
import {
  AuditChecker,
  addHistogramSample,
  addSample,
  auditOf,
  decodeAggregates,
  decodeSamples,
  eventOf,
  type HashText,
  type MetricRequest,
  type MetricResult,
  mergeAggregate,
  type RollupTier,
  SeriesBuilder,
  type SeriesRow,
  seriesOf,
  severities,
  takePage,
  tierFor,
  tierSpanMs,
} from '../../controller/index.ts';
import type { Sql } from './sql.ts';
import { Where } from './where.ts';

const mostLookups = 250_000;
/** Of roll-ups and batches that are in memory at once. */
const rowsAtOnce = 2_000;
const auditAtOnce = 5_000;

/** Answers questions; never writes. */
export class Reader {
  readonly #sql: Sql;
  readonly #hash: HashText;

  constructor(sql: Sql, hash: HashText) {
    this.#sql = sql;
    this.#hash = hash;
  }

  async metrics(request: MetricRequest): Promise<MetricResult> {
    const rows = await this.#series(request);
    const wanted = new Set(rows.keys());
    const tier = await this.#tier(request);
    const stepMs = tier === 'raw' ? request.stepMs : Math.max(request.stepMs, tierSpanMs[tier]);
    const builder = new SeriesBuilder(request.fromMs, stepMs, request.buckets);
    const counters = [...rows.values()].some((row) => row.kind === 'counter');
    // The fleet's own row serves gauges and histograms; counters add up only device by device.
    const devices =
      request.devices === undefined && !counters ? [0] : await this.#deviceNumbers(request.devices);
    if (wanted.size > 0) {
      if (tier === 'raw') await this.#raw(request, devices, wanted, builder);
      else await this.#rollups(tier, request, devices, wanted, builder);
    }
    return { tier, stepMs, series: builder.build(rows) };
  }

  async events(
    query: EventQuery & { readonly device?: string; readonly devices?: readonly string[] },
  ): Promise<{
    events: readonly FleetEvent[];
    next?: number;
  }> {
    const where = new Where();
    if (query.device !== undefined)
      where.add('event.device = (SELECT id FROM device WHERE name = ?)', query.device);
    else if (query.devices !== undefined)
      where.add('event.device IN (SELECT id FROM device WHERE name = ANY (?::text[]))', query.devices);
    if (query.kind !== undefined)
      where.add('(kind = ? OR starts_with(kind, ?))', query.kind, `${query.kind}.`);
    if (query.severity !== undefined) where.add('severity >= ?', severities.indexOf(query.severity));
    if (query.before !== undefined) where.add('seq < ?', query.before);
    if (query.from !== undefined) where.add('time_ms >= ?', query.from);
    if (query.to !== undefined) where.add('time_ms < ?', query.to);
    const limit = query.limit ?? 100;
    const rows = await this.#sql.all(
      `SELECT event.*, device.name FROM event JOIN device ON device.id = event.device
       ${where.text} ORDER BY seq DESC LIMIT ${limit + 1}`,
      ...where.values,
    );
    const { page, more } = takePage(rows, limit, ({ message, data }) => lengthOf(message) + lengthOf(data));
    const events = page.map(eventOf);
    const next = more ? events.at(-1)?.seq : undefined;
    return next === undefined ? { events } : { events, next };
  }

  async audit({ before, action, actor, target, from, to, limit = 100 }: AuditQuery): Promise<{
    entries: readonly AuditEntry[];
    next?: number;
  }> {
    const where = new Where();
    if (before !== undefined) where.add('seq < ?', before);
    if (action !== undefined) where.add('(action = ? OR starts_with(action, ?))', action, `${action}.`);
    if (actor !== undefined) where.add('starts_with(actor, ?)', actor);
    if (target !== undefined) where.add('target = ?', target);
    if (from !== undefined) where.add('time_ms >= ?', from);
    if (to !== undefined) where.add('time_ms < ?', to);
    const rows = await this.#sql.all(
      `SELECT * FROM audit ${where.text} ORDER BY seq DESC LIMIT ${limit + 1}`,
      ...where.values,
    );
    const { page, more } = takePage(rows, limit, ({ detail }) => lengthOf(detail));
    const entries = page.map(auditOf);
    const next = more ? entries.at(-1)?.seq : undefined;
    return next === undefined ? { entries } : { entries, next };
  }

  async checkAudit(): Promise<AuditCheck> {
    const checker = new AuditChecker(this.#hash);
    for (let after = 0; ; ) {
      const rows = await this.#sql.all(
        'SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2',
        after,
        auditAtOnce,
      );
      for (const row of rows) checker.next(auditOf(row));
      if (rows.length < auditAtOnce) return checker.result();
      after = Number(rows.at(-1)?.seq);
    }
  }

  async #series(request: MetricRequest): Promise<Map<number, SeriesRow>> {
    const labels = Object.entries(request.labels);
    const rows = (await this.#sql.all('SELECT * FROM series WHERE name = $1', request.name))
      .map(seriesOf)
      .filter((row) => labels.every(([key, value]) => row.labels[key] === value));
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** As the step asks, or coarser where the finer tier does not reach back far enough any more. */
  async #tier(request: MetricRequest): Promise<Tier> {
    let tier = tierFor(request.stepMs, request.toMs - request.fromMs);
    if (tier === 'raw') {
      const oldest = (await this.#sql.get('SELECT start_ms FROM raw ORDER BY arrived_ms LIMIT 1'))?.start_ms;
      const startMs = Math.max(request.fromMs, (await this.#oldest('minute')) ?? request.fromMs);
      if (
        request.devices === undefined ||
        (oldest !== undefined && Number(oldest) >= startMs + tierSpanMs.minute)
      )
        tier = 'minute';
    }
    if (tier === 'minute') {
      const minutes = await this.#oldest('minute');
      const startMs = Math.max(request.fromMs, (await this.#oldest('hour')) ?? request.fromMs);
      if (minutes !== undefined && minutes >= startMs + tierSpanMs.hour) tier = 'hour';
    }
    return tier;
  }

  async #oldest(tier: RollupTier): Promise<number | undefined> {
    const row = await this.#sql.get(`SELECT start_ms FROM ${tier} ORDER BY start_ms LIMIT 1`);
    return row === undefined ? undefined : Number(row.start_ms);
  }

  async #deviceNumbers(names: readonly string[] | undefined): Promise<number[]> {
    const rows =
      names === undefined
        ? await this.#sql.all('SELECT id FROM device')
        : await this.#sql.all('SELECT id FROM device WHERE name = ANY ($1::text[])', names);
    return rows.map(({ id }) => Number(id));
  }

  async #raw(
    request: MetricRequest,
    devices: readonly number[],
    wanted: ReadonlySet<number>,
    builder: SeriesBuilder,
  ): Promise<void> {
    for (const device of devices)
      for (let offset = 0; ; offset += rowsAtOnce) {
        const rows = await this.#sql.all(
          `SELECT data FROM raw WHERE device = $1 AND end_ms >= $2 AND start_ms < $3
           ORDER BY end_ms, arrived_ms, ctid, tableoid OFFSET $4 LIMIT $5`,
          ...[device, Math.floor(request.fromMs), Math.ceil(request.toMs), offset, rowsAtOnce],
        );
        for (const row of rows)
          decodeSamples(row.data as Uint8Array, wanted, (series, timeMs, value) => {
            if (timeMs < request.fromMs || timeMs >= request.toMs) return;
            const cell = builder.cell(series, device, timeMs);
            if (typeof value === 'number') addSample(cell, timeMs, value);
            else addHistogramSample(cell, value);
          });
        if (rows.length < rowsAtOnce) break;
      }
  }

  async #rollups(
    tier: RollupTier,
    request: MetricRequest,
    devices: readonly number[],
    wanted: ReadonlySet<number>,
    builder: SeriesBuilder,
  ): Promise<void> {
    const spanMs = tierSpanMs[tier];
    const oldest = (await this.#oldest(tier)) ?? 0;
    const startMs = Math.max(Math.floor(request.fromMs / spanMs) * spanMs, oldest);
    const lookups = (Math.max(0, request.toMs - startMs) / spanMs) * devices.length;
    if (lookups > mostLookups)
      throw new LimitError(
        'range-too-wide',
        `This asks for ${Math.round(lookups)} stored spans; the limit is ${mostLookups}.`,
        'Ask for a shorter time, fewer devices, or a step of an hour and more.',
      );
    const partMs = spanMs * Math.max(1, Math.floor(rowsAtOnce / Math.max(1, devices.length)));
    for (let fromMs = startMs; fromMs < request.toMs; fromMs += partMs) {
      const rows = await this.#sql.all(
        `SELECT start_ms, device, data FROM ${tier}
         WHERE start_ms >= $1 AND start_ms < $2 AND device = ANY ($3::int[])`,
        ...[fromMs, Math.ceil(Math.min(fromMs + partMs, request.toMs))],
        devices,
      );
      for (const row of rows) {
        const timeMs = Number(row.start_ms);
        for (const [series, aggregate] of decodeAggregates(timeMs, row.data as Uint8Array, wanted))
          mergeAggregate(builder.cell(series, Number(row.device), timeMs), aggregate);
      }
    }
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}
