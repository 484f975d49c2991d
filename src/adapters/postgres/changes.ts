import type { Change } from '../../controller/index.ts';
import type { DeviceNumbers } from './devices.ts';
import { forgetInDocuments, isDocumentChange, writeDocument } from './documents.ts';
import { forgetDrift, type IncidentChange, writeIncident } from './incident-writer.ts';
import { forgetReceived } from './received.ts';
import type { Sql } from './sql.ts';

const keptSessions = 8;

type ColumnChange = Extract<Change, { kind: 'device' | 'seen' | 'settings' | 'desired' | 'presence' }>;
type CatalogueChange = Extract<Change, { kind: 'catalogue' }>;

/**
 * Writes changes in their order. Those of columns of devices and of their catalogues come by the thousand and touch nothing
 * else: such a run of them is written together.
 */
export class ChangeWriter {
  readonly #sql: Sql;
  readonly #devices: DeviceNumbers;
  readonly #columns = new Map<string, DeviceColumns>();
  readonly #catalogues = new Map<string, CatalogueChange['catalogue']>();

  constructor(sql: Sql, devices: DeviceNumbers) {
    this.#sql = sql;
    this.#devices = devices;
  }

  async write(changes: readonly Change[]): Promise<void> {
    for (const change of changes)
      if (isColumnChange(change)) this.#collect(change);
      else if (change.kind === 'catalogue')
        this.#catalogues.set(`${change.catalogue.session} ${change.catalogue.device}`, change.catalogue);
      else {
        await this.#writeCollected();
        await this.#writeOther(change);
      }
    await this.#writeCollected();
  }

  #collect(change: ColumnChange): void {
    const id = 'id' in change ? change.id : change.kind === 'device' ? change.device.id : change.device;
    const columns = this.#columns.get(id) ?? {};
    this.#columns.set(id, columns);
    switch (change.kind) {
      case 'device': {
        const { lastSeenMs, birth, reported } = change.device;
        columns.made = true;
        columns.lastSeenMs = lastSeenMs ?? columns.lastSeenMs;
        columns.birth = birth === undefined ? columns.birth : JSON.stringify(birth);
        columns.reported = reported === undefined ? columns.reported : JSON.stringify(reported);
        return;
      }
      case 'seen':
        columns.made = true;
        columns.lastSeenMs = change.lastSeenMs;
        return;
      case 'settings':
        columns.made = true;
        columns.settings = JSON.stringify(change.settings);
        return;
      case 'desired':
        columns.made = true;
        columns.desired = JSON.stringify(change.desired);
        return;
      case 'presence':
        columns.online = change.online;
    }
  }

  async #writeCollected(): Promise<void> {
    await this.#writeColumns([...this.#columns]);
    await this.#writeCatalogues([...this.#catalogues.values()]);
    this.#columns.clear();
    this.#catalogues.clear();
  }

  async #writeColumns(columns: readonly (readonly [string, DeviceColumns])[]): Promise<void> {
    if (columns.length === 0) return;
    // Presence alone brings no device back that was deleted meanwhile.
    await this.#devices.ensure(columns.flatMap(([name, { made }]) => (made ? [name] : [])));
    const column = <Key extends keyof DeviceColumns>(key: Key) => columns.map(([, one]) => one[key] ?? null);
    await this.#sql.run(
      `UPDATE device d SET last_seen = coalesce(k.last_seen, d.last_seen), birth = coalesce(k.birth, d.birth),
         reported = coalesce(k.reported, d.reported), settings = coalesce(k.settings, d.settings),
         desired = coalesce(k.desired, d.desired), told_online = coalesce(k.told_online, d.told_online)
       FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
         AS k (name, last_seen, birth, reported, settings, desired, told_online)
       WHERE d.name = k.name`,
      columns.map(([name]) => name),
      ...[column('lastSeenMs'), column('birth'), column('reported'), column('settings'), column('desired')],
      column('online'),
    );
  }

  async #writeCatalogues(catalogues: readonly CatalogueChange['catalogue'][]): Promise<void> {
    if (catalogues.length === 0) return;
    await this.#devices.ensure(catalogues.map(({ device }) => device));
    const devices = catalogues.map(({ device }) => this.#devices.of(device));
    await this.#sql.run(
      `INSERT INTO catalogue SELECT * FROM unnest($1::int[], $2::bigint[], $3::text[])
       ON CONFLICT (device, session) DO UPDATE SET aliases = excluded.aliases`,
      devices,
      catalogues.map(({ session }) => session),
      catalogues.map(({ aliases }) => JSON.stringify(aliases)),
    );
    await this.#sql.run(
      `DELETE FROM catalogue c USING (
         SELECT device, session, row_number() OVER (PARTITION BY device ORDER BY session DESC) AS place
         FROM catalogue WHERE device = ANY ($1::int[])
       ) AS k WHERE c.device = k.device AND c.session = k.session AND k.place > $2`,
      ...[devices, keptSessions],
    );
  }

  async #writeOther(change: Exclude<Change, ColumnChange | CatalogueChange>): Promise<void> {
    if (isDocumentChange(change)) return writeDocument(this.#sql, change);
    switch (change.kind) {
      case 'device-deleted':
        return this.#deleteDevice(change.id);
      case 'series-used':
        await this.#sql.run(
          'UPDATE series s SET used_ms = k.at FROM unnest($1::bigint[], $2::float8[]) AS k (id, at) WHERE s.id = k.id',
          change.uses.map(([id]) => id),
          change.uses.map(([, lastMs]) => lastMs),
        );
        return;
      case 'series-dropped':
        await this.#sql.run('DELETE FROM series WHERE id = ANY ($1::bigint[])', change.ids);
        return;
      case 'catalogues-dropped':
        await this.#sql.run(
          'DELETE FROM catalogue WHERE device = (SELECT id FROM device WHERE name = $1)',
          change.device,
        );
        return;
      default:
        return writeIncident(this.#sql, change satisfies IncidentChange, this.#devices);
    }
  }

  /** Its history stays without a name until the retention takes it: numbers of devices are never used again. */
  async #deleteDevice(name: string): Promise<void> {
    await forgetInDocuments(this.#sql, name);
    const device = await this.#devices.find(name);
    if (device === undefined) return;
    await this.#sql.run('DELETE FROM catalogue WHERE device = $1', device);
    await forgetDrift(this.#sql, device);
    await forgetReceived(this.#sql, device);
    await this.#sql.run('DELETE FROM device WHERE id = $1', device);
    this.#devices.forget(name);
  }
}

/** Absent: as it was. */
interface DeviceColumns {
  made?: boolean | undefined;
  lastSeenMs?: number | undefined;
  birth?: string | undefined;
  reported?: string | undefined;
  settings?: string | undefined;
  desired?: string | undefined;
  online?: boolean | undefined;
}

function isColumnChange(change: Change): change is ColumnChange {
  return ['device', 'seen', 'settings', 'desired', 'presence'].includes(change.kind);
}
