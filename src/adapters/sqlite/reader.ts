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
  rollupKey,
  SeriesBuilder,
  type SeriesRow,
  seriesOf,
  severities,
  spanStart,
  takePage,
  tierFor,
  tierSpanMs,
} from '../../controller/index.ts';
import type { Statements, Value } from './statements.ts';

const mostLookups = 250_000;

/** Answers questions; never writes. */
export class Reader {
  readonly #sql: Statements;
  readonly #hash: HashText;

  constructor(sql: Statements, hash: HashText) {
    this.#sql = sql;
    this.#hash = hash;
  }

  metrics(request: MetricRequest): MetricResult {
    const rows = this.#series(request);
    const wanted = new Set(rows.keys());
    const tier = this.#tier(request);
    const stepMs = tier === 'raw' ? request.stepMs : Math.max(request.stepMs, tierSpanMs[tier]);
    const builder = new SeriesBuilder(request.fromMs, stepMs, request.buckets);
    const counters = [...rows.values()].some((row) => row.kind === 'counter');
    // The fleet's own row serves gauges and histograms; counters add up only device by device.
    const devices = request.devices === undefined && !counters ? [0] : this.#deviceIds(request.devices);
    if (wanted.size > 0) {
      if (tier === 'raw') this.#raw(request, devices, wanted, builder);
      else this.#rollups(tier, request, devices, wanted, builder);
    }
    return { tier, stepMs, series: builder.build(rows) };
  }

  events(query: EventQuery & { readonly device?: string; readonly devices?: readonly string[] }): {
    events: readonly FleetEvent[];
    next?: number;
  } {
    const where: string[] = [];
    const values: Value[] = [];
    if (query.device !== undefined) {
      where.push('event.device = (SELECT id FROM device WHERE name = ?)');
      values.push(query.device);
    } else if (query.devices !== undefined) {
      where.push('event.device IN (SELECT id FROM device WHERE name IN (SELECT value FROM json_each(?)))');
      values.push(JSON.stringify(query.devices));
    }
    if (query.kind !== undefined) {
      where.push("(kind = ? OR substr(kind, 1, length(?) + 1) = ? || '.')");
      values.push(query.kind, query.kind, query.kind);
    }
    if (query.severity !== undefined) {
      where.push('severity >= ?');
      values.push(severities.indexOf(query.severity));
    }
    if (query.before !== undefined) {
      where.push('seq < ?');
      values.push(query.before);
    }
    if (query.from !== undefined) {
      where.push('time_ms >= ?');
      values.push(query.from);
    }
    if (query.to !== undefined) {
      where.push('time_ms < ?');
      values.push(query.to);
    }
    const limit = query.limit ?? 100;
    const rows = this.#sql.iterate(
      `SELECT event.*, device.name FROM event JOIN device ON device.id = event.device
       ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY seq DESC LIMIT ?`,
      ...values,
      limit + 1,
    );
    const { page, more } = takePage(rows, limit, ({ message, data }) => lengthOf(message) + lengthOf(data));
    const events = page.map(eventOf);
    const next = more ? events.at(-1)?.seq : undefined;
    return next === undefined ? { events } : { events, next };
  }

  audit({ before, action, actor, target, from, to, limit = 100 }: AuditQuery): {
    entries: readonly AuditEntry[];
    next?: number;
  } {
    const where = ['seq < ?'];
    const values: Value[] = [before ?? Number.MAX_SAFE_INTEGER];
    if (action !== undefined) {
      where.push("(action = ? OR substr(action, 1, length(?) + 1) = ? || '.')");
      values.push(action, action, action);
    }
    if (actor !== undefined) {
      where.push('substr(actor, 1, length(?)) = ?');
      values.push(actor, actor);
    }
    if (target !== undefined) {
      where.push('target = ?');
      values.push(target);
    }
    if (from !== undefined) {
      where.push('time_ms >= ?');
      values.push(from);
    }
    if (to !== undefined) {
      where.push('time_ms < ?');
      values.push(to);
    }
    const rows = this.#sql.iterate(
      `SELECT * FROM audit WHERE ${where.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
      ...values,
      limit + 1,
    );
    const { page, more } = takePage(rows, limit, ({ detail }) => lengthOf(detail));
    const entries = page.map(auditOf);
    const next = more ? entries.at(-1)?.seq : undefined;
    return next === undefined ? { entries } : { entries, next };
  }

  checkAudit(): AuditCheck {
    const checker = new AuditChecker(this.#hash);
    for (const row of this.#sql.iterate('SELECT * FROM audit ORDER BY seq')) checker.next(auditOf(row));
    return checker.result();
  }

  #series(request: MetricRequest): Map<number, SeriesRow> {
    const labels = Object.entries(request.labels);
    const rows = this.#sql
      .all('SELECT * FROM series WHERE name = ?', request.name)
      .map(seriesOf)
      .filter((row) => labels.every(([key, value]) => row.labels[key] === value));
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** As the step asks, or coarser where the finer tier does not reach back far enough any more. */
  #tier(request: MetricRequest): Tier {
    let tier = tierFor(request.stepMs, request.toMs - request.fromMs);
    if (tier === 'raw') {
      const oldest = this.#sql.get('SELECT start_ms FROM raw ORDER BY id LIMIT 1')?.start_ms;
      const minutes = this.#oldest('minute');
      const startMs = Math.max(request.fromMs, minutes ?? request.fromMs);
      if (
        request.devices === undefined ||
        (oldest !== undefined && Number(oldest) >= startMs + tierSpanMs.minute)
      )
        tier = 'minute';
    }
    if (tier === 'minute') {
      const minutes = this.#oldest('minute');
      const hours = this.#oldest('hour');
      const startMs = Math.max(request.fromMs, hours ?? request.fromMs);
      if (minutes !== undefined && minutes >= startMs + tierSpanMs.hour) tier = 'hour';
    }
    return tier;
  }

  #oldest(tier: 'minute' | 'hour'): number | undefined {
    const key = this.#sql.get(`SELECT min(key) AS key FROM ${tier}`)?.key;
    return typeof key === 'number' ? spanStart(tier, key) : undefined;
  }

  #deviceIds(names: readonly string[] | undefined): number[] {
    if (names === undefined) return this.#sql.all('SELECT id FROM device').map((row) => Number(row.id));
    return names.flatMap((name) => {
      const found = this.#sql.get('SELECT id FROM device WHERE name = ?', name);
      return found === undefined ? [] : [Number(found.id)];
    });
  }

  #raw(
    request: MetricRequest,
    devices: readonly number[],
    wanted: ReadonlySet<number>,
    builder: SeriesBuilder,
  ): void {
    for (const device of devices)
      for (const row of this.#sql.iterate(
        'SELECT data FROM raw WHERE device = ? AND end_ms >= ? AND start_ms < ?',
        device,
        request.fromMs,
        request.toMs,
      ))
        decodeSamples(row.data as Uint8Array, wanted, (series, timeMs, value) => {
          if (timeMs < request.fromMs || timeMs >= request.toMs) return;
          const cell = builder.cell(series, device, timeMs);
          if (typeof value === 'number') addSample(cell, timeMs, value);
          else addHistogramSample(cell, value);
        });
  }

  #rollups(
    tier: 'minute' | 'hour',
    request: MetricRequest,
    devices: readonly number[],
    wanted: ReadonlySet<number>,
    builder: SeriesBuilder,
  ): void {
    const spanMs = tierSpanMs[tier];
    const startMs = Math.max(Math.floor(request.fromMs / spanMs) * spanMs, this.#oldest(tier) ?? 0);
    const lookups = (Math.max(0, request.toMs - startMs) / spanMs) * devices.length;
    if (lookups > mostLookups)
      throw new LimitError(
        'range-too-wide',
        `This asks for ${Math.round(lookups)} stored spans; the limit is ${mostLookups}.`,
        'Ask for a shorter time, fewer devices, or a step of an hour and more.',
      );
    for (let timeMs = startMs; timeMs < request.toMs; timeMs += spanMs)
      for (const device of devices) {
        const data = this.#sql.get(
          `SELECT data FROM ${tier} WHERE key = ?`,
          rollupKey(tier, device, timeMs),
        )?.data;
        if (data instanceof Uint8Array)
          for (const [series, aggregate] of decodeAggregates(timeMs, data, wanted))
            mergeAggregate(builder.cell(series, device, timeMs), aggregate);
      }
  }
}

function lengthOf(value: Value | undefined): number {
  return typeof value === 'string' ? value.length : 0;
}
