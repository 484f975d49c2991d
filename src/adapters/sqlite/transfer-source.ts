import {
  deviceFactor,
  type TransferPart,
  type TransferPosition,
  type TransferRow,
  type TransferSource,
  type TransferTable,
  tierSpanMs,
  transferColumns,
} from '../../controller/index.ts';
import { type Database, openDatabase } from '../../platform/index.ts';
import { explainSqlite } from './faults.ts';
import { claim } from './open.ts';
import { refuseOtherSchema } from './schema.ts';

const rowsAtOnce = 2_000;
/** A part ends early where its rows are large. */
const bytesAtOnce = 8 * 1024 * 1024;

/** Groups, tokens and the rest that are documents elsewhere. */
const documents = `
  SELECT 'group' AS kind, '' AS parent, name AS id, NULL AS at, json_object(
    'name', name, 'members', json((SELECT json_group_array(device) FROM (
      SELECT device FROM member WHERE fleet_group = name ORDER BY device))), 'settings', json(settings)) AS data
    FROM fleet_group
  UNION ALL SELECT 'token', '', id, last_used_ms, json_patch(json_object(
    'id', id, 'name', name, 'role', role, 'hash', hash, 'createdMs', created_ms, 'createdBy', created_by),
    iif(scope IS NULL, '{}', json_object('scope', json(scope)))) FROM token
  UNION ALL SELECT 'claim', '', id, NULL, data FROM claim
  UNION ALL SELECT 'certificate', '', fingerprint, NULL, data FROM certificate
  UNION ALL SELECT 'alert-rule', '', id, NULL, data FROM alert_rule
  UNION ALL SELECT 'labels', '', device, NULL, data FROM device_labels
  UNION ALL SELECT 'frame-reviews', '', device, NULL, data FROM frame_reviews
  UNION ALL SELECT 'rollout', '', id, created_ms, data FROM rollout
  UNION ALL SELECT 'rollout-device', rollout, device, NULL, data FROM rollout_device
  UNION ALL SELECT 'rollout-gone', '', name, gone_ms, '{}' FROM rollout_gone
  UNION ALL SELECT 'rollout-freeze', '', '', NULL, data FROM rollout_freeze
  UNION ALL SELECT 'approval-rules', '', '', NULL, data FROM approval_rules
  UNION ALL SELECT 'approvals', '', '', NULL, data FROM approvals`;

const received = `
  SELECT device, session, json_group_array(json_array(first, last)) AS ranges, EXISTS (
    SELECT 1 FROM repeated_session AS r WHERE r.device = o.device AND r.session = o.session) AS repeated
  FROM (SELECT * FROM received ORDER BY device, session, first) AS o GROUP BY device, session`;

const rollups = (tier: 'minute' | 'hour') =>
  `SELECT key, key / ${deviceFactor} * ${tierSpanMs[tier]} AS start_ms, key % ${deviceFactor} AS device, data FROM ${tier}`;

/** What is read instead of the table, and by which columns its rows are in order. */
const sources: Readonly<Record<TransferTable, { readonly from?: string; readonly key: readonly string[] }>> =
  {
    device: { key: ['id'] },
    series: { key: ['id'] },
    catalogue: { key: ['device', 'session'] },
    received: { from: `(${received})`, key: ['device', 'session'] },
    batch_content: { key: ['device', 'session', 'sequence', 'content'] },
    document: { from: `(${documents})`, key: ['kind', 'parent', 'id'] },
    event: { key: ['seq'] },
    audit: { key: ['seq'] },
    drift_incident: { key: ['id'] },
    drift_view: { key: ['incident'] },
    drift_status: { key: ['seq'] },
    alert: { key: ['id'] },
    raw: { key: ['id'] },
    minute: { from: `(${rollups('minute')})`, key: ['key'] },
    hour: { from: `(${rollups('hour')})`, key: ['key'] },
  };

/** Reads all of a database that no controller has open; holds it meanwhile. */
export class SqliteTransferSource implements TransferSource {
  readonly #file: string;
  readonly #claim: Database;
  readonly #db: Database;

  /** Throws a GoshawkError that says what is wrong with the file. */
  constructor(file: string) {
    this.#file = file;
    this.#claim = claim(file);
    try {
      this.#db = openDatabase(file, { readOnly: true });
      refuseOtherSchema(this.#db, file);
    } catch (error) {
      this.#claim.close();
      throw explainSqlite(error, file);
    }
  }

  numbers(): { device: number; event: number } {
    return this.#explained(() => {
      const one = (sql: string) => Number((this.#db.prepare(sql).get() as { n: number } | undefined)?.n ?? 0);
      return {
        device: one("SELECT seq AS n FROM sqlite_sequence WHERE name = 'device'"),
        event: Math.max(
          one('SELECT max(seq) AS n FROM event'),
          one('SELECT max(seq) AS n FROM drift_incident'),
        ),
      };
    });
  }

  part(table: TransferTable, from: TransferPosition | undefined): TransferPart {
    return this.#explained(() => this.#part(table, from));
  }

  close(): void {
    this.#db.close();
    this.#claim.close();
  }

  #part(table: TransferTable, from: TransferPosition | undefined): TransferPart {
    const { key, from: source = table } = sources[table];
    const columns: readonly string[] = transferColumns[table];
    const after = from === undefined ? undefined : (JSON.parse(from) as (string | number)[]);
    const found = this.#db
      .prepare(
        `SELECT ${[...new Set([...key, ...columns])].join(', ')} FROM ${source}
         ${after === undefined ? '' : `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`}
         ORDER BY ${key.join(', ')} LIMIT ${rowsAtOnce}`,
      )
      .iterate(...(after ?? [])) as Iterable<Record<string, TransferRow[number]>>;
    const rows: TransferRow[] = [];
    let last: unknown[] | undefined;
    let bytes = 0;
    for (const row of found) {
      rows.push(columns.map((column) => row[column] ?? null));
      last = key.map((column) => row[column]);
      bytes += sizeOf(row.data);
      if (bytes > bytesAtOnce) break;
    }
    return last === undefined ? { rows } : { rows, next: JSON.stringify(last) };
  }

  #explained<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw explainSqlite(error, this.#file);
    }
  }
}

function sizeOf(value: TransferRow[number] | undefined): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
}
