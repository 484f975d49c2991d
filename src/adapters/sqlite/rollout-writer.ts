import { type Change, mostGoneRollouts } from '../../controller/index.ts';
import type { Statements } from './statements.ts';

type RolloutKind =
  | 'labels'
  | 'frame-reviews'
  | 'rollout'
  | 'rollout-devices'
  | 'rollout-deleted'
  | 'rollout-freeze'
  | 'approval-rules'
  | 'approvals';
export type RolloutChange = Extract<Change, { kind: RolloutKind }>;

export function isRolloutChange(change: Change): change is RolloutChange {
  return (
    change.kind === 'labels' || change.kind === 'frame-reviews' || /^(approval|rollout)/.test(change.kind)
  );
}

/** Writes labels of devices, verdicts about their frames, rollouts, who needs a second person, and what waits for one. */
export function writeRolloutChange(sql: Statements, change: RolloutChange): void {
  switch (change.kind) {
    case 'labels': {
      const { device, labels, hold } = change.labels;
      if (Object.keys(labels).length === 0 && hold === undefined)
        sql.run('DELETE FROM device_labels WHERE device = ?', device);
      else
        sql.run('INSERT OR REPLACE INTO device_labels VALUES (?, ?)', device, JSON.stringify(change.labels));
      return;
    }
    case 'frame-reviews': {
      const { device, reviews } = change.reviews;
      if (Object.keys(reviews).length === 0) sql.run('DELETE FROM frame_reviews WHERE device = ?', device);
      else
        sql.run('INSERT OR REPLACE INTO frame_reviews VALUES (?, ?)', device, JSON.stringify(change.reviews));
      return;
    }
    case 'rollout': {
      const { id, createdMs } = change.rollout;
      sql.run(
        'INSERT OR REPLACE INTO rollout VALUES (?, ?, ?)',
        id,
        createdMs,
        JSON.stringify(change.rollout),
      );
      return;
    }
    case 'rollout-devices':
      for (const record of change.devices)
        sql.run(
          'INSERT OR REPLACE INTO rollout_device VALUES (?, ?, ?)',
          ...[change.rollout, record.device, JSON.stringify(record)],
        );
      return;
    case 'rollout-deleted':
      sql.run('DELETE FROM rollout_device WHERE rollout = ?', change.id);
      sql.run('DELETE FROM rollout WHERE id = ?', change.id);
      sql.run('INSERT OR REPLACE INTO rollout_gone VALUES (?, ?)', change.name, change.goneMs);
      sql.run(
        'DELETE FROM rollout_gone WHERE name IN (SELECT name FROM rollout_gone ORDER BY gone_ms DESC LIMIT -1 OFFSET ?)',
        mostGoneRollouts,
      );
      return;
    case 'rollout-freeze':
      if (change.freeze === undefined) sql.run('DELETE FROM rollout_freeze');
      else sql.run('INSERT OR REPLACE INTO rollout_freeze VALUES (1, ?)', JSON.stringify(change.freeze));
      return;
    case 'approval-rules':
      sql.run('INSERT OR REPLACE INTO approval_rules VALUES (1, ?)', JSON.stringify(change.rules));
      return;
    case 'approvals':
      sql.run('INSERT OR REPLACE INTO approvals VALUES (1, ?)', JSON.stringify(change.asked));
  }
}
