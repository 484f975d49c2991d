import { type Change, severities } from '../../controller/index.ts';
import type { Statements } from './statements.ts';

type IncidentKind =
  | 'drift-incident'
  | 'drift-view'
  | 'drift-status'
  | 'alert-rule'
  | 'alert-rule-deleted'
  | 'alert';
type IncidentChange = Extract<Change, { kind: IncidentKind }>;

/** Writes what the controller makes of drift and alerts. */
export function writeIncidentChange(
  sql: Statements,
  change: IncidentChange,
  deviceOf: (name: string) => number,
): void {
  switch (change.kind) {
    case 'drift-incident': {
      const { incident } = change.row;
      const data = JSON.stringify(change.row);
      const before = sql.get('SELECT length(data) AS size FROM drift_incident WHERE id = ?', incident.id);
      sql.run(
        `INSERT INTO drift_incident (id, device, camera, started_ms, ended_ms, seq, data) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET ended_ms = excluded.ended_ms, seq = excluded.seq, data = excluded.data`,
        incident.id,
        deviceOf(incident.device),
        incident.camera,
        incident.startedMs,
        incident.endedMs ?? null,
        change.row.seq,
        data,
      );
      grow(sql, 'drift', data.length - Number(before?.size ?? 0));
      return;
    }
    case 'drift-view': {
      const view = JSON.stringify(change.view);
      const before = sql.get(
        'SELECT length(view) AS size FROM drift_view WHERE incident = ?',
        change.incident,
      );
      sql.run('INSERT OR REPLACE INTO drift_view VALUES (?, ?)', change.incident, view);
      grow(sql, 'drift', view.length - Number(before?.size ?? 0));
      return;
    }
    case 'drift-status': {
      const { camera, timeMs, state, reason, profileDigest } = change.change;
      sql.run(
        'INSERT INTO drift_status (device, camera, time_ms, state, reason, profile) VALUES (?, ?, ?, ?, ?, ?)',
        ...[deviceOf(change.device), camera, timeMs, state, reason ?? null, profileDigest ?? null],
      );
      return;
    }
    case 'alert-rule':
      sql.run('INSERT OR REPLACE INTO alert_rule VALUES (?, ?)', change.rule.id, JSON.stringify(change.rule));
      return;
    case 'alert-rule-deleted':
      sql.run('DELETE FROM alert_rule WHERE id = ?', change.id);
      return;
    case 'alert': {
      const { alert } = change;
      const data = JSON.stringify(alert);
      const firing = alert.state === 'firing' ? 1 : 0;
      const busy = firing === 1 || alert.delivery?.state === 'waiting' ? 1 : 0;
      const before = sql.get('SELECT length(data) AS size FROM alert WHERE id = ?', alert.id);
      sql.run(
        'INSERT OR REPLACE INTO alert (id, rule, device, severity, fired_ms, firing, busy, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ...[alert.id, alert.rule, alert.device ?? null, severities.indexOf(alert.severity), alert.firedMs],
        ...[firing, busy, data],
      );
      grow(sql, 'alerts', data.length - Number(before?.size ?? 0));
    }
  }
}

/** Bytes per tier are kept up to date with every change of it. */
export function grow(sql: Statements, tier: string, bytes: number): void {
  if (bytes !== 0) sql.run('UPDATE usage SET bytes = max(0, bytes + ?) WHERE tier = ?', bytes, tier);
}

/** What a device's cameras went through, when the device is deleted. */
export function forgetDrift(sql: Statements, device: number): void {
  const held = sql.get(
    `SELECT coalesce(sum(length(data) + coalesce(length(view), 0)), 0) AS bytes
     FROM drift_incident LEFT JOIN drift_view ON incident = id WHERE device = ?`,
    device,
  );
  sql.run(
    'DELETE FROM drift_view WHERE incident IN (SELECT id FROM drift_incident WHERE device = ?)',
    device,
  );
  sql.run('DELETE FROM drift_incident WHERE device = ?', device);
  sql.run('DELETE FROM drift_status WHERE device = ?', device);
  grow(sql, 'drift', -Number(held?.bytes ?? 0));
}
