import { beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import { orderPayload, orderType, signPayload } from '../../../../src/trust/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { onlineKeyRotated, rotated } from '../../../fixtures/trust-rotation.ts';
import {
  beganMs,
  bundleOf,
  day,
  never,
  newSigner,
  TrustWorld,
  verifier,
} from '../../../fixtures/trust-world.ts';

describe('A device with a root', () => {
  let world: TrustWorld;
  let disk: ReturnType<TrustWorld['disk']>;

  beforeEach(async () => {
    world = await TrustWorld.make();
    disk = world.disk();
  });

  it('admits what the owner signed and the controller directs, and says by which root', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    const gate = await world.gate(disk);
    await gate.admit(model, never);
    await gate.expectAdmitted(model);
    expect(gate.report()).toMatchObject({ mode: 'signed', root: 1, targets: 2 });
  });

  it('asks the director first', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    await (await world.gate(disk)).admit(model, never);
    const first = (part: string) => world.asked.findIndex((path) => path.startsWith(part));
    expect(first('director')).toBeLessThan(first('image'));
  });

  it('knows after a restart which models it admitted, without a request', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    await (await world.gate(disk)).admit(model, never);
    world.asked.length = 0;
    await (await world.gate(disk)).expectAdmitted(model);
    expect(world.asked).toEqual([]);
  });

  it('admits a model that came with it by the targets that came with it, without a network', async () => {
    const model = await world.release('1.0.0');
    const { bytes } = world.controller.file('image/2.targets.json') ?? { bytes: undefined };
    // What is published lists the targets once the timestamp was asked for.
    expect(bytes).toBeUndefined();
    const { targets } = JSON.parse(String(Buffer.from(world.controller.published()))).image;
    const anchor = { ...world.anchor(), targets: encodeUtf8(JSON.stringify(targets)) };
    world.attack = () => {
      throw new Error('no network');
    };
    await (await world.gate(disk, { anchor })).expectAdmitted(model);
    await expect(
      (await world.gate(world.disk(), { anchor })).expectAdmitted(bundleOf('9.9.9')),
    ).rejects.toMatchObject({
      code: 'trust-refused',
    });
  });

  it('takes the targets that came with it where those on the disk are not signed', async () => {
    const model = await world.release('1.0.0');
    const { targets } = JSON.parse(String(Buffer.from(world.controller.published()))).image;
    const anchor = { ...world.anchor(), targets: encodeUtf8(JSON.stringify(targets)) };
    await disk.image.write('targets', encodeUtf8(JSON.stringify({ ...targets, signatures: [] })));
    await (await world.gate(disk, { anchor })).expectAdmitted(model);
  });

  it('admits it on a disk that takes nothing too, and no order: what it knows could be forgotten', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    const { targets } = JSON.parse(String(Buffer.from(world.controller.published()))).image;
    const anchor = { ...world.anchor(), targets: encodeUtf8(JSON.stringify(targets)) };
    for (const store of Object.values(disk)) store.failing = new Error('read-only');
    const gate = await world.gate(disk, { anchor });
    await gate.expectAdmitted(model);
    await expect(gate.admit(model, never)).rejects.toThrow('read-only');
  });

  const misfits = [
    ['a board that it is not', { release: 1, hardware: { boards: ['orin'] } }, 'other-board'],
    ['a TensorRT that it has not', { release: 1, hardware: { tensorrt: ['10.3'] } }, 'other-tensorrt'],
    ['a newer agent', { release: 1, minimumAgent: '1.0.1' }, 'agent-too-old'],
    ['no device any more', { release: 1, revoked: true }, 'revoked'],
    ['a limit that it does not know', { release: 1, hardware: { camera: 'x' } }, 'release-form'],
  ] as const;
  it.each(misfits)('refuses what is signed for %s', async (_for, custom, why) => {
    const model = await world.release('1.0.0', custom);
    world.order(model);
    const gate = await world.gate(disk);
    // The controller does not direct what is withdrawn.
    const said = why === 'revoked' ? 'not-directed' : why;
    await expect(gate.admit(model, never)).rejects.toThrow(`(${said})`);
    expect(gate.report().problem).toContain(said);
    await expect(gate.expectAdmitted(model)).rejects.toMatchObject({ code: 'trust-refused' });
  });

  it('admits what is signed for its board, its TensorRT and its agent', async () => {
    const hardware = { boards: ['pc', 'orin'], tensorrt: ['10.3'] };
    const model = await world.release('1.0.0', { release: 1, hardware, minimumAgent: '0.9.0' });
    world.order(model);
    const facts = { board: 'orin', tensorrt: '10.3.0.26', agent: '1.0.0-rc.1' };
    await (await world.gate(disk, { facts })).admit(model, never);
  });

  it('does not go below the release that it has committed, unless that is signed', async () => {
    const newer = await world.release('2.0.0', { release: 7 });
    const older = await world.release('1.0.0', { release: 3 });
    const gate = await world.gate(disk);
    world.order(newer);
    await gate.admit(newer, never);
    // As long as it is on probation the old one is a way back.
    world.order(older);
    await gate.admit(older, never);
    await gate.committed(newer);
    await expect(gate.admit(older, never)).rejects.toThrow('release-back');
    await expect((await world.gate(disk)).admit(older, never)).rejects.toThrow('release-back');
    await world.release('1.0.0', { release: 3, rollbackFrom: 7 });
    await gate.admit(older, never);
    await gate.committed(older);
    const between = await world.release('1.5.0', { release: 5 });
    world.order(between);
    await gate.admit(between, never);
  });

  it('keeps serving admitted models a year after all metadata expired, and admits no new one', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    await (await world.gate(disk)).admit(model, never);
    const next = await world.release('2.0.0');
    world.order(next);
    world.clock.advance(400 * day);
    const gate = await world.gate(disk);
    await gate.expectAdmitted(model);
    await expect(gate.admit(next, never)).rejects.toMatchObject({ code: 'trust-expired' });
  });

  it('refuses at its next start what the owner has withdrawn', async () => {
    const model = await world.release('1.0.0');
    const other = await world.release('2.0.0');
    world.order(model);
    const gate = await world.gate(disk);
    await gate.admit(model, never);
    await world.release('1.0.0', { release: 1, revoked: true });
    world.order(other);
    await gate.admit(other, never);
    await expect((await world.gate(disk)).expectAdmitted(model)).rejects.toThrow('revoked');
  });

  it('takes an expired model for expired by signed times alone, with a clock at 1970', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    const clock = new FakeClock(0);
    await (await world.gate(disk, { clock })).admit(model, never);
    const kept = JSON.parse(String(Buffer.from(disk.ledger.files.get('admitted')!)));
    expect(kept.time).toMatchObject({ ms: beganMs, root: 1 });
    // What was signed a month ago is over, and the device knows from its own metadata how late it is.
    const old = world.controller.file('image/timestamp.json')!.bytes;
    world.clock.advance(30 * day);
    const next = await world.release('2.0.0');
    world.order(next);
    await (await world.gate(disk, { clock })).admit(next, never);
    world.attack = (path, bytes) => (path === 'image/timestamp.json' ? old : bytes);
    await expect((await world.gate(disk, { clock })).admit(next, never)).rejects.toMatchObject({
      code: 'trust-rollback',
    });
  });

  it('admits nothing new with a clock at 2100, and everything again when it is right', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    const clock = new FakeClock(Date.UTC(2100, 0, 1));
    await expect((await world.gate(disk, { clock })).admit(model, never)).rejects.toMatchObject({
      code: 'trust-expired',
      message: expect.stringContaining('2100-01-01'),
    });
    await (await world.gate(disk)).admit(model, never);
  });

  it('counts the time since the last signed one by a monotonic clock', async () => {
    const model = await world.release('1.0.0');
    world.order(model);
    const clock = new FakeClock(0);
    const gate = await world.gate(disk, { clock });
    await gate.admit(model, never);
    const frozen = world.controller.file('image/timestamp.json')!.bytes;
    world.attack = (path, bytes) => (path === 'image/timestamp.json' ? frozen : bytes);
    clock.advance(8 * day);
    world.clock.advance(8 * day);
    await expect(gate.admit(model, never)).rejects.toMatchObject({ code: 'trust-expired' });
  });

  it('follows an owner who changes his keys, from the root that it was flashed with', async () => {
    const anchor = world.anchor();
    const model = await world.release('1.0.0');
    world.order(model);
    const added = newSigner();
    rotated(world, ({ root, ...others }) => ({
      ...others,
      root: { ...root, keys: [...root.keys.slice(1), added.key] },
    }));
    world.sign([world.owners[0]!, world.owners[1]!, world.owners[2]!, added]);
    await world.publish();
    const gate = await world.gate(disk, { anchor });
    await gate.admit(model, never);
    expect(gate.report().root).toBe(2);
  });
});

describe('Orders', () => {
  const desired = encodeUtf8('{"generation":1}');

  it('are followed when they are for this device and signed by its controller', async () => {
    const world = await TrustWorld.make();
    const gate = await world.gate(world.disk());
    expect((await gate.openOrder(world.controller.seal('cam-1', desired))).payload).toEqual(desired);
  });

  it('are followed with a new key of the controller that a new root names', async () => {
    const world = await TrustWorld.make();
    const disk = world.disk();
    const anchor = world.anchor();
    const online = newSigner();
    rotated(world, (holders) => ({ ...holders, online: online.key }));
    world.sign();
    world.controller = world.newController(online);
    await world.controller.load();
    await world.publish();
    world.order(await world.release('1.0.0'));
    const gate = await world.gate(disk, { anchor });
    expect((await gate.openOrder(world.controller.seal('cam-1', desired))).payload).toEqual(desired);
  });

  it('are of keys that are known from the start, and a director without a root has none', async () => {
    const world = await TrustWorld.make();
    const gate = await world.gate(world.disk());
    const known = gate.authority;
    const { authority } = await gate.openOrder(world.controller.seal('cam-1', desired));
    expect([known, authority]).toEqual([expect.any(String), known]);
    const anchor = { ...world.anchor(), director: encodeUtf8('{}') };
    await expect(world.gate(world.disk(), { anchor })).rejects.toThrow();
  });

  it('count in generations of the new key at once, though the rest of the metadata cannot be had', async () => {
    const world = await TrustWorld.make();
    const gate = await world.gate(world.disk());
    const before = await gate.openOrder(world.controller.seal('cam-1', desired));
    expect(before.authority).toBe(gate.authority);
    await onlineKeyRotated(world);
    world.attack = (path, bytes) => (path.endsWith('timestamp.json') ? undefined : bytes);
    const after = await gate.openOrder(world.controller.seal('cam-1', desired));
    expect(after.authority).toBe(gate.authority);
    expect(after.authority).not.toBe(before.authority);
  });

  it('without a valid signature make it request a new root once a minute, however many come', async () => {
    const world = await TrustWorld.make();
    world.order(await world.release('1.0.0'));
    const clock = new FakeClock(world.clock.wallMs());
    const gate = await world.gate(world.disk(), { clock });
    const flood = async () => {
      world.asked.length = 0;
      const forged = signPayload(orderType, orderPayload('cam-1', desired), newSigner(), verifier);
      const answers = await Promise.allSettled(Array.from({ length: 100 }, () => gate.openOrder(forged)));
      expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
      return world.asked.filter((path) => path.endsWith('timestamp.json')).length;
    };
    expect(await flood()).toBe(1);
    await clock.pass(59_000);
    expect(await flood()).toBe(0);
    expect(world.asked).toEqual([]);
    await clock.pass(1_000);
    expect(await flood()).toBe(1);
    // Who is the controller is obeyed meanwhile.
    expect((await gate.openOrder(world.controller.seal('cam-1', desired))).payload).toEqual(desired);
  });

  const wrong = [
    ['without a signature', () => desired],
    ['of another device', (world: TrustWorld) => world.controller.seal('cam-2', desired)],
    [
      'signed by another key',
      () => signPayload(orderType, orderPayload('cam-1', desired), newSigner(), verifier),
    ],
    [
      'of another type',
      (world: TrustWorld) =>
        signPayload('text/plain', orderPayload('cam-1', desired), world.online, verifier),
    ],
    [
      'signed by an owner instead of the controller',
      (world: TrustWorld) =>
        signPayload(orderType, orderPayload('cam-1', desired), world.owners[0]!, verifier),
    ],
    [
      'changed after it was signed',
      (world: TrustWorld) => {
        const sealed = JSON.parse(String(Buffer.from(world.controller.seal('cam-1', desired))));
        const payload = Buffer.from(orderPayload('cam-1', encodeUtf8('{"generation":2}'))).toString('base64');
        return encodeUtf8(JSON.stringify({ ...sealed, payload }));
      },
    ],
    // Signed as it must be: its length alone is wrong.
    [
      'of a megabyte',
      (world: TrustWorld) => world.controller.seal('cam-1', encodeUtf8(`{"pad":"${'x'.repeat(700_000)}"}`)),
    ],
  ] as const;
  it.each(wrong)('%s are not followed', async (_what, order) => {
    const world = await TrustWorld.make();
    const gate = await world.gate(world.disk());
    await expect(gate.openOrder(order(world))).rejects.toMatchObject({ code: 'trust-order' });
  });
});
