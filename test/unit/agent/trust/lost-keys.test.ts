import { beforeEach, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import type { DesiredModel } from '../../../../src/protocol/index.ts';
import type { TrustAnchor } from '../../../../src/trust/index.ts';
import { admin, EnrollingController } from '../../../fixtures/enrolling-controller.ts';
import { rotated } from '../../../fixtures/trust-rotation.ts';
import { bundleOf, day, never, TrustWorld } from '../../../fixtures/trust-world.ts';

/** What `goshawk keys anchor` writes: the roots, and what was signed when it was made. */
function flashed(world: TrustWorld): TrustAnchor {
  const { targets } = JSON.parse(String(Buffer.from(world.controller.published()))).image;
  return { ...world.anchor(), targets: encodeUtf8(JSON.stringify(targets)) };
}

describe('Two of three owner keys', () => {
  let world: TrustWorld;
  let disk: ReturnType<TrustWorld['disk']>;
  let running: DesiredModel;

  beforeEach(async () => {
    world = await TrustWorld.make();
    disk = world.disk();
    running = await world.release('1.0.0');
    world.order(running);
    const gate = await world.gate(disk);
    await gate.admit(running, never);
    await gate.committed(running);
  });

  it('that are lost: the third cannot sign alone, and the device keeps its model', async () => {
    const next = bundleOf('2.0.0');
    world.setTarget('street/2.0.0', { length: 1, hashes: { sha256: next.digest.slice(7) }, custom: {} });
    world.sign([world.owners[2]!]);
    await expect(world.publish()).rejects.toMatchObject({ code: 'trust-targets' });
    world.clock.advance(500 * day);
    const gate = await world.gate(disk);
    await gate.expectAdmitted(running);
    world.order(next);
    await expect(gate.admit(next, never)).rejects.toThrow();
    await expect(gate.expectAdmitted(next)).rejects.toMatchObject({ code: 'trust-refused' });
  });

  it('that are stolen: what they sign runs, and the third owner cannot take them back; this is the limit', async () => {
    const evil = await world.release('6.6.6', { release: 9 }, 'evil');
    world.order(evil);
    await (await world.gate(disk)).admit(evil, never);
    rotated(world, (holders) => ({ ...holders, root: { keys: [world.owners[2]!.key], threshold: 1 } }));
    world.sign([world.owners[2]!]);
    await expect(world.publish()).rejects.toMatchObject({ code: 'trust-signature' });
  });

  describe('and a new root on the device', () => {
    let owners: TrustWorld;

    beforeEach(async () => {
      // Among new owners with another controller: they sign what runs first, so that no device stands still.
      owners = await TrustWorld.make();
      await owners.release('1.0.0');
    });

    it('does not count beside a later root of the old owners: the folder trust has to go', async () => {
      const anchor = world.anchor();
      rotated(world, (same) => same);
      world.sign();
      await world.publish();
      await (await world.gate(disk, { anchor })).admit(running, never);
      const gate = await owners.gate(disk, { anchor: flashed(owners) });
      await gate.expectAdmitted(running);
      const next = await owners.release('2.0.0');
      owners.order(next);
      await expect(gate.admit(next, never)).rejects.toMatchObject({ code: 'trust-signature' });
    });

    it('is all that counts once the folder trust is gone: what runs serves at once, what the thief signed never', async () => {
      const evil = await world.release('6.6.6', { release: 9 }, 'evil');
      world.order(evil);
      await (await world.gate(disk)).admit(evil, never);
      const cleared = owners.disk();
      owners.attack = () => {
        throw new Error('no network yet');
      };
      const gate = await owners.gate(cleared, { anchor: flashed(owners) });
      await gate.expectAdmitted(running);
      await expect(gate.expectAdmitted(evil)).rejects.toMatchObject({ code: 'trust-refused' });
      owners.attack = (path) => world.controller.file(path)?.bytes;
      await expect(gate.admit(evil, never)).rejects.toMatchObject({ code: 'trust-signature' });
      owners.attack = (_path, bytes) => bytes;
      const next = await owners.release('2.0.0');
      owners.order(next);
      await gate.admit(next, never);
    });
  });
});

describe('A year in a box', () => {
  it('costs the certificate, not the root: a new claim lets it in, and renewed roots are followed', async () => {
    const world = await TrustWorld.make();
    const disk = world.disk();
    const running = await world.release('1.0.0', { release: 4 });
    world.order(running);
    const before = await world.gate(disk);
    await before.admit(running, never);
    await before.committed(running);
    const anchor = world.anchor();
    const served = await EnrollingController.open();
    const device = served.device('cam-1');
    const identity = await device.enrol((await served.claim()).claim);

    served.clock.shiftMs += 400 * day;
    world.clock.advance(400 * day);
    // Nobody renewed anything: what runs serves, nothing new comes, the certificate is too old even to be renewed.
    const gate = await world.gate(disk, { anchor });
    await gate.expectAdmitted(running);
    await expect(gate.admit(running, never)).rejects.toMatchObject({ code: 'trust-expired' });
    await expect(device.renew(identity)).rejects.toMatchObject({
      code: 'certificate-too-old',
    });

    // It needs a claim again, and, since its name is known, a person who lets it in.
    const { claim } = await served.claim();
    expect((await device.ask(claim)).kind).toBe('pending');
    const { enrolments } = served.controller.enrolment;
    await enrolments.approve(admin, enrolments.list().enrolments[0]?.id ?? '');
    expect((await device.ask(claim)).kind).toBe('issued');
    // The owners renewed twice meanwhile.
    for (let year = 0; year < 2; year++) {
      rotated(world, (same) => same);
      world.sign();
    }
    const next = await world.release('2.0.0', { release: 4 });
    world.order(next);
    await gate.admit(next, never);
    expect(gate.report().root).toBe(3);
    // And it has forgotten nothing: below what it had committed it does not go.
    const older = await world.release('0.9.0', { release: 3 });
    world.order(older);
    await expect(gate.admit(older, never)).rejects.toThrow('release-back');
  });
});
