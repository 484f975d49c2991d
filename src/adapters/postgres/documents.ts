import { type Change, mostGoneRollouts, parseJson } from '../../controller/index.ts';
import type { Sql } from './sql.ts';

/*
 * What is read at the start and changed as a whole is one JSON text under its kind and its name. `parent`: the rollout of a
 * device. `at`: what it is ordered by, or for a token when it was used last.
 */

type DocumentKind =
  | `${'group' | 'token' | 'claim' | 'certificate' | 'alert-rule'}${'' | '-deleted'}`
  | 'token-used'
  | 'labels'
  | 'frame-reviews'
  | 'rollout'
  | 'rollout-devices'
  | 'rollout-deleted'
  | 'rollout-freeze'
  | 'approval-rules'
  | 'approvals';
export type DocumentChange = Extract<Change, { kind: DocumentKind }>;

const kinds: Readonly<Record<DocumentChange['kind'], true>> = {
  ...{ group: true, token: true, claim: true, certificate: true, 'alert-rule': true },
  ...{ 'group-deleted': true, 'token-deleted': true, 'claim-deleted': true, 'certificate-deleted': true },
  ...{ 'alert-rule-deleted': true, 'token-used': true, labels: true, rollout: true, 'rollout-devices': true },
  'frame-reviews': true,
  ...{ 'rollout-deleted': true, 'rollout-freeze': true, 'approval-rules': true, approvals: true },
};

export function isDocumentChange(change: Change): change is DocumentChange {
  return change.kind in kinds;
}

export async function writeDocument(sql: Sql, change: DocumentChange): Promise<void> {
  switch (change.kind) {
    case 'group': {
      const members = [...new Set(change.group.members)].sort(byText);
      return put(sql, 'group', change.group.name, { ...change.group, members });
    }
    case 'group-deleted':
      return drop(sql, 'group', change.name);
    case 'token': {
      const { lastUsedMs, ...token } = change.token;
      return put(sql, 'token', token.id, token, lastUsedMs);
    }
    case 'token-used':
      await sql.run(
        `UPDATE document SET at = $1 WHERE kind = 'token' AND id = $2`,
        change.lastUsedMs,
        change.id,
      );
      return;
    case 'token-deleted':
      return drop(sql, 'token', change.id);
    case 'claim':
      return put(sql, 'claim', change.claim.id, change.claim);
    case 'claim-deleted':
      return drop(sql, 'claim', change.id);
    case 'certificate':
      return put(sql, 'certificate', change.certificate.fingerprint, change.certificate);
    case 'certificate-deleted':
      return drop(sql, 'certificate', change.fingerprint);
    case 'alert-rule':
      return put(sql, 'alert-rule', change.rule.id, change.rule);
    case 'alert-rule-deleted':
      return drop(sql, 'alert-rule', change.id);
    case 'labels': {
      const { device, labels, hold } = change.labels;
      if (Object.keys(labels).length === 0 && hold === undefined) return drop(sql, 'labels', device);
      return put(sql, 'labels', device, change.labels);
    }
    case 'frame-reviews': {
      const { device, reviews } = change.reviews;
      if (Object.keys(reviews).length === 0) return drop(sql, 'frame-reviews', device);
      return put(sql, 'frame-reviews', device, change.reviews);
    }
    case 'rollout':
      return put(sql, 'rollout', change.rollout.id, change.rollout, change.rollout.createdMs);
    case 'rollout-devices':
      await sql.run(
        `INSERT INTO document (kind, parent, id, data)
         SELECT 'rollout-device', $1, * FROM unnest($2::text[], $3::text[])
         ON CONFLICT (kind, parent, id) DO UPDATE SET data = excluded.data`,
        ...[
          change.rollout,
          change.devices.map(({ device }) => device),
          change.devices.map((one) => JSON.stringify(one)),
        ],
      );
      return;
    case 'rollout-deleted':
      return dropRollout(sql, change);
    case 'rollout-freeze':
      if (change.freeze === undefined) return drop(sql, 'rollout-freeze', '');
      return put(sql, 'rollout-freeze', '', change.freeze);
    case 'approval-rules':
      return put(sql, 'approval-rules', '', change.rules);
    case 'approvals':
      return put(sql, 'approvals', '', change.asked);
  }
}

/** A device that is deleted has no labels and no verdicts, and is in no group. */
export async function forgetInDocuments(sql: Sql, device: string): Promise<void> {
  await drop(sql, 'labels', device);
  await drop(sql, 'frame-reviews', device);
  for (const { id, data } of await sql.all(`SELECT id, data FROM document WHERE kind = 'group'`)) {
    const group = parseJson<{ readonly members: readonly string[] }>(data);
    if (group?.members.includes(device))
      await put(sql, 'group', String(id), {
        ...group,
        members: group.members.filter((one) => one !== device),
      });
  }
}

async function dropRollout(
  sql: Sql,
  { id, name, goneMs }: Extract<Change, { kind: 'rollout-deleted' }>,
): Promise<void> {
  await sql.run(`DELETE FROM document WHERE kind = 'rollout-device' AND parent = $1`, id);
  await drop(sql, 'rollout', id);
  await put(sql, 'rollout-gone', name, {}, goneMs);
  await sql.run(
    `DELETE FROM document WHERE kind = 'rollout-gone' AND id IN (
       SELECT id FROM document WHERE kind = 'rollout-gone' ORDER BY at DESC OFFSET $1
     )`,
    mostGoneRollouts,
  );
}

async function put(sql: Sql, kind: string, id: string, data: unknown, at?: number): Promise<void> {
  await sql.run(
    `INSERT INTO document (kind, id, at, data) VALUES ($1, $2, $3, $4)
     ON CONFLICT (kind, parent, id) DO UPDATE SET at = excluded.at, data = excluded.data`,
    ...[kind, id, at ?? null, JSON.stringify(data)],
  );
}

async function drop(sql: Sql, kind: string, id: string): Promise<void> {
  await sql.run('DELETE FROM document WHERE kind = $1 AND id = $2', kind, id);
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
