import {
  type AuditDraft,
  type Commit,
  type CommitResult,
  type HashText,
  sealAudits,
} from '../../controller/index.ts';
import { BlockCache } from './block-cache.ts';
import { ChangeWriter } from './changes.ts';
import { DeviceNumbers } from './devices.ts';
import { writeEvents } from './events-writer.ts';
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
    const fresh = await writeEvents(this.#sql, events, (device) => this.#devices.of(device));
    if (audit.length > 0) await this.#audit(audit);
    const { duplicateBatches, repeatedSessions } = batches;
    return { duplicateBatches, repeatedSessions, events: fresh };
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
