import type { FleetEvent } from '../../api/index.ts';
import {
  type AuditDraft,
  type Commit,
  type CommitResult,
  type EventRow,
  eventBytes,
  type HashText,
  sealAudits,
  severities,
} from '../../controller/index.ts';
import { BlockCache } from './block-cache.ts';
import { ChangeWriter } from './changes.ts';
import { DeviceNumbers } from './devices.ts';
import { grow } from './incident-writer.ts';
import { writeMetrics } from './metrics-writer.ts';
import type { Sql } from './sql.ts';

/** Writes commits on the one connection that may. Everything that it remembers is forgotten when one fails. */
export class Writer {
  readonly #sql: Sql;
  readonly #hash: HashText;
  readonly #devices: DeviceNumbers;
  readonly #blocks = new BlockCache();

  constructor(sql: Sql, hash: HashText) {
    this.#sql = sql;
    this.#hash = hash;
    this.#devices = new DeviceNumbers(sql);
  }

  /** What a failed commit, or another connection, may have made wrong. */
  forget(): void {
    this.#devices.clear();
    this.#blocks.clear();
  }

  /** Within a transaction. `arrivedMs`: now. */
  async write(commit: Commit, arrivedMs: number): Promise<CommitResult> {
    const { series = [], changes = [], metrics = [], events = [], audit = [] } = commit;
    if (series.length > 0)
      await this.#sql.run(
        `INSERT INTO series (id, name, labels, unit, kind)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING`,
        series.map(({ id }) => id),
        series.map(({ name }) => name),
        series.map(({ labels }) => JSON.stringify(labels)),
        series.map(({ unit }) => unit),
        series.map(({ kind }) => kind),
      );
    await new ChangeWriter(this.#sql, this.#devices).write(changes);
    await this.#devices.ensure([...metrics, ...events].map(({ device }) => device));
    const numbered = metrics.map((row) => ({ ...row, number: this.#devices.of(row.device) }));
    const batches = await writeMetrics(this.#sql, numbered, arrivedMs, this.#blocks);
    const fresh = events.length === 0 ? [] : await this.#events(events);
    if (audit.length > 0) await this.#audit(audit);
    return { ...batches, events: fresh };
  }

  async #events(rows: readonly EventRow[]): Promise<FleetEvent[]> {
    const numbers = rows.map(({ device }) => this.#devices.of(device));
    const known = await this.#sql.all(
      `SELECT e.device, e.id FROM event e JOIN unnest($1::int[], $2::text[]) AS k (device, id)
       ON e.device = k.device AND e.id = k.id`,
      numbers,
      rows.map(({ id }) => id),
    );
    const seen = new Set(known.map(({ device, id }) => `${device} ${id}`));
    const fresh = rows.filter(({ id }, index) => {
      const key = `${numbers[index]} ${id}`;
      return !seen.has(key) && seen.add(key);
    });
    if (fresh.length === 0) return [];
    const counter = await this.#sql.get(
      `UPDATE state SET value = value + $1 WHERE name = 'event' RETURNING value`,
      fresh.length,
    );
    const first = Number(counter?.value) - fresh.length + 1;
    const events = fresh.map((row, index) => ({ seq: first + index, ...row }));
    await this.#insertEvents(events);
    return events;
  }

  async #insertEvents(events: readonly FleetEvent[]): Promise<void> {
    const texts = events.map(({ data }) => (data === undefined ? null : JSON.stringify(data)));
    await this.#sql.run(
      `INSERT INTO event (seq, device, id, time_ms, received_ms, kind, severity, message, camera, data)
       SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::float8[], $5::float8[], $6::text[], $7::smallint[],
         $8::text[], $9::text[], $10::text[])`,
      events.map(({ seq }) => seq),
      events.map(({ device }) => this.#devices.of(device)),
      events.map(({ id }) => id),
      events.map(({ timeMs }) => timeMs),
      events.map(({ receivedMs }) => receivedMs),
      events.map(({ kind }) => kind),
      events.map(({ severity }) => severities.indexOf(severity)),
      events.map(({ message }) => message),
      events.map(({ camera }) => camera ?? null),
      texts,
    );
    const bytes = events.reduce(
      (sum, { message }, index) => sum + eventBytes(message.length, texts[index]?.length ?? 0),
      0,
    );
    await grow(this.#sql, 'events', bytes);
  }

  async #audit(drafts: readonly AuditDraft[]): Promise<void> {
    const last = await this.#sql.get('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
    for (const entry of sealAudits(
      this.#hash,
      last && { seq: Number(last.seq), hash: String(last.hash) },
      drafts,
    )) {
      const { seq, timeMs, actor, action, target, result, detail, hash } = entry;
      await this.#sql.run(
        'INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
        ...[seq, timeMs, actor, action, target, result, detail, hash],
      );
    }
  }
}
