import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sealAudits } from '../../../../src/controller/index.ts';
import { verifyAudit } from '../../../../src/runtime/fleet/audit.ts';
import { anchorBytes } from '../../../../src/trust/index.ts';
import { newSigner, TrustWorld } from '../../../fixtures/trust-world.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function logOf(actions: readonly string[]) {
  const drafts = actions.map((action, timeMs) => {
    return { timeMs, actor: 'anna', action, target: 'cam-1', result: 'ok', detail: '{}' };
  });
  return sealAudits(hash, undefined, drafts);
}

describe('An audit in the hands of an outsider', () => {
  let folder: string;
  let world: TrustWorld;
  const file = (name: string) => join(folder, name);
  const write = (name: string, log: readonly unknown[]) => {
    writeFileSync(file(name), log.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    return file(name);
  };
  const actions = ['device.desired', 'model.deleted', 'device.desired', 'token.created'];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-audit-'));
    world = await TrustWorld.make();
    writeFileSync(file('root.json'), anchorBytes(world.anchor()));
    const log = logOf(actions);
    world.auditHead = { entries: 3, head: log[2]!.hash };
    writeFileSync(file('timestamp.json'), world.controller.file('image/timestamp.json')!.bytes);
  });

  const verify = (log: string, timestamp = 'timestamp.json') =>
    verifyAudit(log, file('root.json'), [file(timestamp)]);

  it('is what was vouched for, and may have grown since', async () => {
    expect(await verify(write('log', logOf(actions)))).toMatchObject({
      entries: 4,
      anchored: [{ entries: 3 }],
    });
  });

  const forged = [
    [
      'with an entry changed',
      'audit-broken',
      () => logOf(actions).with(1, { ...logOf(actions)[1]!, actor: 'ben' }),
    ],
    ['with an entry left out', 'audit-broken', () => logOf(actions).toSpliced(1, 1)],
    ['cut off before what was vouched for', 'audit-other', () => logOf(actions).slice(0, 2)],
    ['written anew as a whole', 'audit-other', () => logOf(['device.desired', 'nothing', 'device.desired'])],
  ] as const;
  it.each(forged)('is refused %s', async (_how, code, log) => {
    await expect(verify(write('log', log()))).rejects.toMatchObject({ code });
  });

  it('is not vouched for by another key', async () => {
    const other = world.newController(newSigner());
    expect(other.file('image/timestamp.json')).toBeUndefined();
    const text = JSON.parse(String(Buffer.from(world.controller.file('image/timestamp.json')!.bytes)));
    text.signed.custom.audit.entries = 2;
    writeFileSync(file('forged.json'), JSON.stringify(text));
    await expect(verify(write('log', logOf(actions)), 'forged.json')).rejects.toMatchObject({
      code: 'audit-timestamp',
    });
  });
});
