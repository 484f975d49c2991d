import { type Change, severities } from '../../controller/index.ts';
import type { DeviceNumbers } from './devices.ts';
import type { Sql } from './sql.ts';

export type IncidentChange = Extract<
  Change,
  { kind: 'drift-incident' | 'drift-view' | 'drift-status' | 'alert' }
>;

/** Writes what the controller makes of drift and alerts. */
export async function writeIncident(sql: Sql, change: IncidentChange, devices: DeviceNumbers): Promise<void> {
  switch (change.kind) {
    case 'drift-incident': {
      const { incident, seq } = change.row;
      const data = JSON.stringify(change.row);
      await devices.ensure([incident.device]);
      await grow(
        sql,
        'drift',
        data.length - (await lengthOf(sql, 'drift_incident', 'id', 'data', incident.id)),
      );
      await sql.run(
        `INSERT INTO drift_incident (id, device, camera, started_ms, ended_ms, seq, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET ended_ms = excluded.ended_ms, seq = excluded.seq, data = excluded.data`,
        ...[incident.id, devices.of(incident.device), incident.camera, incident.startedMs],
        ...[incident.endedMs ?? null, seq, data],
      );
      return;
    }
    case 'drift-view': {
      const view = JSON.stringify(change.view);
      await grow(
        sql,
        'drift',
        view.length - (await lengthOf(sql, 'drift_view', 'incident', 'view', change.incident)),
      );
      await sql.run(
        `INSERT INTO drift_view VALUES ($1, $2) ON CONFLICT (incident) DO UPDATE SET view = excluded.view`,
        ...[change.incident, view],
      );
      return;
    }
    case 'drift-status': {
      const { camera, timeMs, state, reason, profileDigest } = change.change;
      await devices.ensure([change.device]);
      await sql.run(
        'INSERT INTO drift_status (device, camera, time_ms, state, reason, profile) VALUES ($1, $2, $3, $4, $5, $6)',
        ...[devices.of(change.device), camera, timeMs, state, reason ?? null, profileDigest ?? null],
      );
      return;
    }
    case 'alert': {
      const { alert } = change;
      const data = JSON.stringify(alert);
      const firing = alert.state === 'firing';
      await grow(sql, 'alerts', data.length - (await lengthOf(sql, 'alert', 'id', 'data', alert.id)));
      await sql.run(
        `INSERT INTO alert (id, rule, device, severity, fired_ms, firing, busy, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, device = excluded.device, severity = excluded.severity,
           fired_ms = excluded.fired_ms, firing = excluded.firing, busy = excluded.busy, data = excluded.data`,
        ...[alert.id, alert.rule, alert.device ?? null, severities.indexOf(alert.severity), alert.firedMs],
        ...[firing, firing || alert.delivery?.state === 'waiting', data],
      );
    }
  }
}

/** Bytes per tier are kept up to date with every change of it. */
export async function grow(sql: Sql, tier: 'events' | 'drift' | 'alerts', bytes: number): Promise<void> {
  if (bytes !== 0)
    await sql.run('UPDATE usage SET bytes = greatest(0, bytes + $1) WHERE tier = $2', bytes, tier);
}

/** What a device's cameras went through, when the device is deleted. */
export async function forgetDrift(sql: Sql, device: number): Promise<void> {
  const held = await sql.get(
    `SELECT coalesce(sum(length(data) + coalesce(length(view), 0)), 0) AS bytes
     FROM drift_incident LEFT JOIN drift_view ON incident = id WHERE device = $1`,
    device,
  );
  await sql.run(
    'DELETE FROM drift_view WHERE incident IN (SELECT id FROM drift_incident WHERE device = $1)',
    device,
  );
  await sql.run('DELETE FROM drift_incident WHERE device = $1', device);
  await sql.run('DELETE FROM drift_status WHERE device = $1', device);
  await grow(sql, 'drift', -Number(held?.bytes ?? 0));
}

async function lengthOf(sql: Sql, table: string, key: string, column: string, id: string): Promise<number> {
  const row = await sql.get(`SELECT length(${column}) AS size FROM ${table} WHERE ${key} = $1`, id);
  return Number(row?.size ?? 0);
}
