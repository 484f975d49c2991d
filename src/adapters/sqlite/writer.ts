import type { FleetEvent } from '../../api/index.ts';
import {
  type AuditDraft,
  type Change,
  type Commit,
  type CommitResult,
  type EventRow,
  encodeSamples,
  eventBytes,
  type HashText,
  type MetricsRow,
  RollupSpans,
  sealAudits,
  severities,
  timeRange,
} from '../../controller/index.ts';
import { growOfDevice } from './device-usage.ts';
import { forgetDrift, grow, writeIncidentChange } from './incident-writer.ts';
import { forgetReceived, receive } from './received.ts';
import { isRolloutChange, writeRolloutChange } from './rollout-writer.ts';
import { writeRollups } from './rollups.ts';
import type { Statements } from './statements.ts';

const keptSessions = 8;

/** Writes commits. Everything that it remembers between two of them is forgotten when one fails. */
export class Writer {
  readonly #sql: Statements;
  readonly #hash: HashText;
  #deviceIds = new Map<string, number>();

  constructor(sql: Statements, hash: HashText) {
    this.#sql = sql;
    this.#hash = hash;
  }

  commit(commit: Commit): CommitResult {
    try {
      return this.#sql.transaction(() => this.#commit(commit));
    } catch (error) {
      this.#deviceIds = new Map();
      throw error;
    }
  }

  #commit(commit: Commit): CommitResult {
    for (const { id, name, labels, unit, kind } of commit.series ?? [])
      this.#sql.run(
        'INSERT OR IGNORE INTO series (id, name, labels, unit, kind) VALUES (?, ?, ?, ?, ?)',
        id,
        name,
        JSON.stringify(labels),
        unit,
        kind,
      );
    for (const change of commit.changes ?? []) this.#change(change);
    const batches = this.#metrics(commit.metrics ?? []);
    const events = this.#events(commit.events ?? []);
    this.#audit(commit.audit ?? []);
    return { ...batches, events };
  }

  #device(name: string): number {
    const known = this.#deviceIds.get(name);
    if (known !== undefined) return known;
    const found = this.#sql.get('SELECT id FROM device WHERE name = ?', name);
    const id =
      found === undefined ? this.#sql.insert('INSERT INTO device (name) VALUES (?)', name) : Number(found.id);
    this.#deviceIds.set(name, id);
    return id;
  }

  #change(change: Change): void {
    const sql = this.#sql;
    switch (change.kind) {
      case 'device': {
        const { id, lastSeenMs, birth, reported } = change.device;
        sql.run(
          'UPDATE device SET last_seen = coalesce(?, last_seen), birth = coalesce(?, birth), reported = coalesce(?, reported) WHERE id = ?',
          lastSeenMs ?? null,
          birth === undefined ? null : JSON.stringify(birth),
          reported === undefined ? null : JSON.stringify(reported),
          this.#device(id),
        );
        return;
      }
      case 'device-deleted':
        this.#deleteDevice(change.id);
        return;
      case 'seen':
        sql.run('UPDATE device SET last_seen = ? WHERE id = ?', change.lastSeenMs, this.#device(change.id));
        return;
      case 'presence':
        // Not by #device: that would bring back one that was deleted meanwhile.
        sql.run('UPDATE device SET told_online = ? WHERE name = ?', change.online ? 1 : 0, change.id);
        return;
      case 'catalogue': {
        const { device, session, aliases } = change.catalogue;
        const id = this.#device(device);
        sql.run('INSERT OR REPLACE INTO catalogue VALUES (?, ?, ?)', id, session, JSON.stringify(aliases));
        sql.run(
          'DELETE FROM catalogue WHERE device = ? AND session NOT IN (SELECT session FROM catalogue WHERE device = ? ORDER BY session DESC LIMIT ?)',
          id,
          id,
          keptSessions,
        );
        return;
      }
      case 'settings':
        sql.run(
          'UPDATE device SET settings = ? WHERE id = ?',
          JSON.stringify(change.settings),
          this.#device(change.device),
        );
        return;
      case 'desired':
        sql.run(
          'UPDATE device SET desired = ? WHERE id = ?',
          JSON.stringify(change.desired),
          this.#device(change.device),
        );
        return;
      case 'group':
        this.#deleteGroup(change.group.name);
        sql.run(
          'INSERT INTO fleet_group VALUES (?, ?)',
          change.group.name,
          JSON.stringify(change.group.settings),
        );
        for (const member of change.group.members)
          sql.run('INSERT OR IGNORE INTO member VALUES (?, ?)', change.group.name, member);
        return;
      case 'group-deleted':
        this.#deleteGroup(change.name);
        return;
      case 'token': {
        const { id, name, role, hash, createdMs, createdBy, lastUsedMs, scope } = change.token;
        sql.run(
          'INSERT OR REPLACE INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          ...[id, name, role, hash, createdMs, createdBy, lastUsedMs ?? null],
          scope === undefined ? null : JSON.stringify(scope),
        );
        return;
      }
      case 'token-used':
        sql.run('UPDATE token SET last_used_ms = ? WHERE id = ?', change.lastUsedMs, change.id);
        return;
      case 'token-deleted':
        sql.run('DELETE FROM token WHERE id = ?', change.id);
        return;
      case 'claim':
        sql.run('INSERT OR REPLACE INTO claim VALUES (?, ?)', change.claim.id, JSON.stringify(change.claim));
        return;
      case 'claim-deleted':
        sql.run('DELETE FROM claim WHERE id = ?', change.id);
        return;
      case 'certificate':
        sql.run(
          'INSERT OR REPLACE INTO certificate VALUES (?, ?)',
          change.certificate.fingerprint,
          JSON.stringify(change.certificate),
        );
        return;
      case 'certificate-deleted':
        sql.run('DELETE FROM certificate WHERE fingerprint = ?', change.fingerprint);
        return;
      case 'series-used':
        for (const [id, lastMs] of change.uses)
          sql.run('UPDATE series SET used_ms = ? WHERE id = ?', lastMs, id);
        return;
      case 'series-dropped':
        for (const id of change.ids) sql.run('DELETE FROM series WHERE id = ?', id);
        return;
      case 'catalogues-dropped':
        // Not by #device: that would bring back one that was deleted meanwhile.
        sql.run('DELETE FROM catalogue WHERE device = (SELECT id FROM device WHERE name = ?)', change.device);
        return;
      default:
        if (isRolloutChange(change)) writeRolloutChange(sql, change);
        else writeIncidentChange(sql, change, (name) => this.#device(name));
    }
  }

  /** Its history stays without a name until the retention takes it: numbers of devices are never used again. */
  #deleteDevice(name: string): void {
    const id = this.#device(name);
    this.#sql.run('DELETE FROM catalogue WHERE device = ?', id);
    forgetDrift(this.#sql, id);
    forgetReceived(this.#sql, id);
    this.#sql.run('DELETE FROM member WHERE device = ?', name);
    this.#sql.run('DELETE FROM device_labels WHERE device = ?', name);
    this.#sql.run('DELETE FROM frame_reviews WHERE device = ?', name);
    this.#sql.run('DELETE FROM device WHERE id = ?', id);
    this.#deviceIds.delete(name);
  }

  #deleteGroup(name: string): void {
    this.#sql.run('DELETE FROM fleet_group WHERE name = ?', name);
    this.#sql.run('DELETE FROM member WHERE fleet_group = ?', name);
  }

  #metrics(rows: readonly MetricsRow[]): Omit<CommitResult, 'events'> {
    const rollups = new RollupSpans();
    let duplicateBatches = 0;
    const repeatedSessions: { device: string; session: number }[] = [];
    let rawBytes = 0;
    for (const row of rows) {
      const device = this.#device(row.device);
      const receipt = receive(this.#sql, device, row.session, row.sequence, row.content);
      if (receipt === 'duplicate') {
        duplicateBatches += 1;
        continue;
      }
      if (receipt === 'repeated-session') repeatedSessions.push({ device: row.device, session: row.session });
      if (row.values.length === 0) continue;
      rollups.add(device, row);
      const data = encodeSamples(row);
      rawBytes += data.byteLength;
      growOfDevice(this.#sql, 'raw', device, data.byteLength);
      const [startMs, endMs] = timeRange(row.timesMs);
      this.#sql.run(
        'INSERT INTO raw (device, start_ms, end_ms, data) VALUES (?, ?, ?, ?)',
        device,
        startMs,
        endMs,
        data,
      );
    }
    const grown = { raw: rawBytes, ...writeRollups(this.#sql, rollups) };
    for (const [tier, bytes] of Object.entries(grown)) this.#grow(tier, bytes);
    return { duplicateBatches, repeatedSessions };
  }

  #events(rows: readonly EventRow[]): FleetEvent[] {
    const fresh: FleetEvent[] = [];
    let bytes = 0;
    for (const row of rows) {
      const { id, timeMs, receivedMs, kind, severity, message, camera, data } = row;
      const device = this.#device(row.device);
      if (this.#sql.get('SELECT 1 FROM event WHERE device = ? AND id = ?', device, id) !== undefined)
        continue;
      const text = data === undefined ? null : JSON.stringify(data);
      const level = severities.indexOf(severity);
      const seq = this.#sql.insert(
        'INSERT INTO event (device, id, time_ms, received_ms, kind, severity, message, camera, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        ...[device, id, timeMs, receivedMs, kind, level, message, camera ?? null, text],
      );
      const size = eventBytes(message.length, text?.length ?? 0);
      bytes += size;
      growOfDevice(this.#sql, 'events', device, size);
      fresh.push({ seq, ...row });
    }
    this.#grow('events', bytes);
    return fresh;
  }

  #grow(tier: string, bytes: number): void {
    grow(this.#sql, tier, bytes);
  }

  #audit(drafts: readonly AuditDraft[]): void {
    if (drafts.length === 0) return;
    const last = this.#sql.get('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
    for (const entry of sealAudits(
      this.#hash,
      last && { seq: Number(last.seq), hash: String(last.hash) },
      drafts,
    )) {
      const { seq, timeMs, actor, action, target, result, detail, hash } = entry;
      this.#sql.run(
        'INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ...[seq, timeMs, actor, action, target, result, detail, hash],
      );
    }
  }
}
