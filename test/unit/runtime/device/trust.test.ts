import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BundleName } from '../../../../src/agent/index.ts';
import { encodeUtf8, silentLog } from '../../../../src/base/index.ts';
import { DeviceTrust } from '../../../../src/runtime/device/trust.ts';
import { anchorBytes } from '../../../../src/trust/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { bundleOf, never, TrustWorld } from '../../../fixtures/trust-world.ts';

/** The roots as they come with the membership: JSON that was read already. */
type Told = unknown;

describe('The roots that come with an enrolment', () => {
  let world: TrustWorld;
  let folder: string;
  let told: Told;
  let running: readonly BundleName[];

  beforeEach(async () => {
    world = await TrustWorld.make();
    folder = temporaryFolder();
    const model = await world.release('1.0.0');
    running = [model];
    const { targets } = JSON.parse(String(Buffer.from(world.controller.published()))).image;
    told = withTargets(world, encodeUtf8(JSON.stringify(targets)));
  });

  const withTargets = (of: TrustWorld, targets: Uint8Array): Told =>
    JSON.parse(String(Buffer.from(anchorBytes({ ...of.anchor(), targets }))));
  const open = (mode: 'required' | 'insecure' = 'required') =>
    DeviceTrust.open(
      {
        device: 'cam-1',
        dataDir: folder,
        trust: { mode, withdrawn: 'fall-back', stale: 'warn', refreshMinutes: 60 },
      },
      {
        ...{ clock: world.clock, log: silentLog, controller: () => undefined, identity: () => undefined },
        facts: { board: 'pc', agent: '1.0.0' } as never,
        running: async () => running,
        isSynchronised: () => false,
      },
    );
  const anchor = () => join(folder, 'trust', 'anchor.json');

  it('are taken if they signed the current model, survive a restart, and admit no other model', async () => {
    const trust = await open();
    expect(trust.report().mode).toBe('unsigned');
    await trust.adopt(told);
    expect(trust.signed).toBe(true);
    const again = await open();
    expect(again.report()).toMatchObject({ mode: 'signed', root: 1 });
    await again.expectAdmitted(running[0]!);
    await expect(again.expectAdmitted(bundleOf('9.9.9'))).rejects.toMatchObject({ code: 'trust-refused' });
    await expect(again.admit(bundleOf('9.9.9'), never)).rejects.toMatchObject({ code: 'trust-address' });
  });

  it('count at once where what runs is not signed: it goes on, and nothing unsigned is obeyed', async () => {
    running = [bundleOf('0.9.0')];
    const desired = encodeUtf8('{"generation":1}');
    const trust = await open();
    expect((await trust.openOrder(desired)).payload).toEqual(desired);
    await trust.adopt(told);
    // After a restart too: its model serves.
    for (const one of [trust, await open()]) {
      expect(one.signed).toBe(true);
      await expect(one.openOrder(desired)).rejects.toMatchObject({ code: 'trust-order' });
      const sealed = world.controller.seal('cam-1', desired);
      expect((await one.openOrder(sealed)).payload).toEqual(desired);
      await one.expectAdmitted(running[0]!);
      await expect(one.expectAdmitted(bundleOf('0.9.1'))).rejects.toMatchObject({ code: 'trust-refused' });
    }
  });

  it('count where the disk does not keep them', async () => {
    writeFileSync(join(folder, 'trust'), 'no folder');
    const trust = await open();
    await trust.adopt(told);
    expect(trust.signed).toBe(true);
    await expect(trust.openOrder(encodeUtf8('{"generation":1}'))).rejects.toMatchObject({
      code: 'trust-order',
    });
  });

  it('take no place of those that it has', async () => {
    const trust = await open();
    await trust.adopt(told);
    const before = readFileSync(anchor());
    const other = await TrustWorld.make();
    const model = await other.release('1.0.0');
    const { targets } = JSON.parse(String(Buffer.from(other.controller.published()))).image;
    await trust.adopt(withTargets(other, encodeUtf8(JSON.stringify(targets))));
    expect(readFileSync(anchor())).toEqual(before);
    await expect(trust.admit({ ...model, version: '2.0.0' }, never)).rejects.toThrow();
  });

  it.each([
    ['a text', 'root'],
    ['nothing of a root', {}],
    [
      'a root that its keys did not sign',
      { image: { signed: {}, signatures: [] }, director: { signed: {}, signatures: [] } },
    ],
    ['more than a root can be', { image: { text: 'x'.repeat(6_300_000) }, director: {} }],
  ])('that are %s are not taken', async (_, wrong) => {
    const trust = await open();
    await trust.adopt(wrong);
    expect(trust.report()).toMatchObject({ mode: 'unsigned', problem: expect.stringContaining('not taken') });
    expect(existsSync(anchor())).toBe(false);
  });

  it('are of no interest to a device of a laboratory, which says that it is one', async () => {
    const trust = await open('insecure');
    await trust.adopt(told);
    expect(trust.report()).toEqual({ mode: 'insecure' });
    expect(existsSync(anchor())).toBe(false);
  });
});
