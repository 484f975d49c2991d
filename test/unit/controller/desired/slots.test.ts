import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SlotOrder } from '../../../../src/api/index.ts';
import { formatManifest } from '../../../../src/model/index.ts';
import { type Desired, decodePayload } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { admin, TestFleet } from '../../../fakes/test-fleet.ts';
import { pushBundle } from '../../../fixtures/push-bundle.ts';
import { releaseManifest } from '../../../fixtures/release-manifest.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const digestOf = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const path = 'onnx/fp32.onnx';

function bundleOf(version: string) {
  const content = `tiny ${version}`;
  const file = { path, digest: digestOf(content), size: content.length };
  const variants = [{ kind: 'fp32' as const, file }];
  const manifest = Buffer.from(formatManifest(tinyManifest({ name: 'tiny', version, variants })));
  return { manifest, digest: digestOf(manifest), content };
}

describe('Slots that the fleet sets', () => {
  let fleet: TestFleet;
  beforeEach(async () => {
    fleet = await TestFleet.open({ publicUrl: 'http://fleet' });
    await fleet.birth('d1', { groups: ['west'] });
    await fleet.birth('d2', { groups: ['west'] });
  });
  afterEach(() => fleet.stop());

  /** Gives its digest. */
  async function push(version: string): Promise<string> {
    const { manifest, content } = bundleOf(version);
    const digest = await pushBundle(fleet.controller, admin, manifest, { [path]: Buffer.from(content) });
    await settle();
    return digest;
  }
  const set = (slot: string, given: SlotOrder, device = 'd1') =>
    fleet.controller.slots.set(admin, { device }, slot, given);
  const setGroup = (slot: string, given: SlotOrder) =>
    fleet.controller.slots.set(admin, { group: 'west' }, slot, given);
  const desired = (id = 'd1') => fleet.controller.devices.detail(id).desired;
  const range: SlotOrder = { name: 'tiny', policy: { follows: 'range', range: '^1' } };

  test('reach the device beside main, resolved, with the policy', async () => {
    const digest = await push('1.2.0');
    await push('2.0.0');
    const scope = { role: 'shadow' as const, cameras: ['front'], sample: 5 };
    const answer = await set('plate', { ...range, ...scope });
    expect(answer.model).toMatchObject({ version: '1.2.0', digest, policy: range.policy });
    expect(desired()).toMatchObject({
      generation: 1,
      slots: {
        plate: {
          ...scope,
          model: {
            ...{ name: 'tiny', version: '1.2.0', digest, order: answer.order, policy: range.policy },
          },
        },
      },
    });
    expect(desired()).not.toHaveProperty('model');
    const [last] = fleet.broker.log.filter(({ topic }) => topic === 'goshawk/1/d1/desired').slice(-1);
    const told: Desired = decodePayload('desired', last!.payload, last!.topic);
    expect(told).toEqual(desired());
  });

  test('are main like any other', async () => {
    const digest = await push('1.0.0');
    await set('main', { name: 'tiny', policy: { follows: 'latest' } });
    expect(desired()?.slots).toMatchObject({ main: { model: { digest, policy: { follows: 'latest' } } } });
    expect(desired()).not.toHaveProperty('model');
  });

  test('move to a version that arrives and fits, with an entry in the audit log', async () => {
    await push('1.2.0');
    const { order } = await set('plate', range);
    await set('main', { name: 'tiny', policy: { follows: 'latest' } });
    const digest = await push('1.3.0');
    expect(desired()?.slots?.plate?.model).toMatchObject({ version: '1.3.0', digest, policy: range.policy });
    expect(desired()?.slots?.plate?.model.order).not.toBe(order);
    expect(desired()?.slots?.main?.model?.version).toBe('1.3.0');
    await push('2.0.0');
    expect(desired()?.slots?.plate?.model.version).toBe('1.3.0');
    expect(desired()?.slots?.main?.model?.version).toBe('2.0.0');
    const { entries } = await fleet.controller.audit.list({ limit: 10 });
    const moves = entries.filter(({ action }) => action === 'device.version');
    expect(moves.map(({ actor, target, result }) => [actor, target, result])).toEqual([
      ['system (-)', 'd1', 'ok'],
      ['system (-)', 'd1', 'ok'],
    ]);
    expect(JSON.parse(moves[0]!.detail)).toEqual({
      moves: [{ slot: 'main', name: 'tiny', from: '1.3.0', to: '2.0.0' }],
    });
  });

  test('do not move where they are pinned, named by version or by digest', async () => {
    const digest = await push('1.2.0');
    await set('a', { ...range, policy: { follows: 'range', range: '^1', pinned: true } });
    await set('b', { name: 'tiny', version: '1.2.0' });
    await set('c', { name: 'tiny', digest });
    const generation = desired()?.generation;
    await push('1.3.0');
    expect(desired()?.generation).toBe(generation);
    // Pinned as it is: the digest stays. Unpinned: it is chosen anew.
    await set('a', { name: 'tiny', digest, policy: { follows: 'range', range: '^1', pinned: true } });
    expect(desired()?.slots?.a?.model.version).toBe('1.2.0');
    await set('a', range);
    expect(desired()?.slots?.a?.model.version).toBe('1.3.0');
  });

  test('do not move back when what they run is deleted', async () => {
    await push('1.2.0');
    const newest = await push('1.3.0');
    await set('plate', range);
    await fleet.controller.models.deleteModel(admin, newest);
    await push('2.0.0');
    expect(desired()?.slots?.plate?.model.version).toBe('1.3.0');
    await push('1.4.0');
    expect(desired()?.slots?.plate?.model.version).toBe('1.4.0');
  });

  test('of a group reach its devices, and those that have their own keep it', async () => {
    await push('1.2.0');
    await set('plate', { name: 'tiny', version: '1.2.0' });
    const { overridden } = await setGroup('plate', range);
    expect(Object.keys(overridden ?? {})).toEqual(['d1']);
    await push('1.3.0');
    expect(desired('d1')?.slots?.plate?.model.version).toBe('1.2.0');
    expect(desired('d2')?.slots?.plate?.model.version).toBe('1.3.0');
    await fleet.controller.slots.remove(admin, { device: 'd1' }, 'plate');
    expect(desired('d1')?.slots?.plate?.model.version).toBe('1.3.0');
    await fleet.controller.slots.remove(admin, { group: 'west' }, 'plate');
    expect(desired('d1')).not.toHaveProperty('slots');
  });

  test('follow at a start what came right before the end', async () => {
    await push('1.2.0');
    await set('plate', range);
    const other = await TestFleet.open();
    const { manifest, digest, content } = bundleOf('1.3.0');
    await pushBundle(other.controller, admin, manifest, { [path]: Buffer.from(content) });
    await other.stop();
    await fleet.stop();
    fleet.artifacts = other.artifacts;
    await fleet.restart({ publicUrl: 'http://fleet' });
    await settle();
    expect(desired()?.slots?.plate?.model).toMatchObject({ version: '1.3.0', digest });
  });

  test('of one device are retried separately', async () => {
    await push('1.2.0');
    await setGroup('plate', range);
    const group = desired('d2')?.slots?.plate?.model.order;
    const { order } = await fleet.controller.desiredState.retryDevice(admin, 'd1', 'plate');
    expect(desired('d1')?.slots?.plate?.model.order).toBe(order);
    expect(desired('d2')?.slots?.plate?.model.order).toBe(group);
    await expect(fleet.controller.desiredState.retryDevice(admin, 'd1', 'face')).rejects.toMatchObject({
      code: 'model-not-set',
    });
  });

  test('keep what was tried again whatever is done to other slots: what failed then is not tried by itself', async () => {
    await push('1.2.0');
    const { slots, desiredState } = fleet.controller;
    for (const slot of ['main', 'plate', 'face']) await setGroup(slot, range);
    const orders = () => [desired()?.slots?.main?.model?.order, desired()?.slots?.plate?.model.order];
    const main = await desiredState.retryDevice(admin, 'd1', 'main');
    const plate = await desiredState.retryDevice(admin, 'd1', 'plate');
    expect(orders()).toEqual([main.order, plate.order]);
    await set('face', { name: 'tiny', version: '1.2.0' });
    expect(orders()).toEqual([main.order, plate.order]);
    await slots.remove(admin, { device: 'd1' }, 'face');
    expect(orders()).toEqual([main.order, plate.order]);
    // Neither when the device had something else in between.
    await set('plate', { name: 'tiny', version: '1.2.0' });
    await slots.remove(admin, { device: 'd1' }, 'plate');
    expect(orders()).toEqual([main.order, plate.order]);
    const again = await desiredState.retryDevice(admin, 'd1', 'plate');
    expect(orders()).toEqual([main.order, again.order]);
    // What its group is ordered after it counts.
    await setGroup('plate', range);
    expect(orders()).toEqual([main.order, desired('d2')?.slots?.plate?.model.order]);
  });

  test('stay as they are where everything else is sent back', async () => {
    await push('1.2.0');
    await set('plate', range);
    const before = desired()?.slots;
    const { settings } = fleet.controller.devices.detail('d1');
    await fleet.controller.desiredState.setDevice(admin, 'd1', {
      ...settings,
      pipelines: { '*': { scoreThreshold: 0.5 } },
    });
    expect(desired()?.slots).toEqual(before);
  });

  test.each<[string, string, SlotOrder, RegExp]>([
    [
      'version-unknown',
      'plate',
      { name: 'tiny', policy: { follows: 'range', range: '^3' } },
      /fits \^3; .* 1\.2\.0/,
    ],
    ['version-unknown', 'plate', { name: 'nothing' }, /it has none/],
    ['range-form', 'plate', { name: 'tiny', policy: { follows: 'range', range: 'soon' } }, /soon/],
    ['slot-main', 'main', { name: 'tiny', role: 'shadow' }, /main/],
    ['slot-main', 'main', { name: 'tiny', cameras: ['front'] }, /main/],
    ['camera-unknown', 'plate', { name: 'tiny', cameras: ['fron'] }, /d1 has no camera fron/],
  ])('are refused with %s for %s: %j', async (code, slot, given, message) => {
    await push('1.2.0');
    await expect(set(slot, given)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/.{20}/),
    });
    expect(desired()).toBeUndefined();
  });

  test('are at most sixteen, main serves all, and one that is not there cannot be removed', async () => {
    await push('1.2.0');
    for (let i = 0; i < 16; i++) await set(`slot-${i}`, range);
    await expect(set('one-more', range)).rejects.toMatchObject({ code: 'slots-many' });
    await expect(fleet.controller.slots.remove(admin, { device: 'd1' }, 'face')).rejects.toMatchObject({
      code: 'slot-unknown',
    });
    const model = desired()!.slots!['slot-0']!.model;
    const twice = fleet.controller.desiredState.setDevice(admin, 'd1', {
      slots: { main: { model, cameras: ['front'] } },
    });
    await expect(twice).rejects.toMatchObject({ code: 'slot-main' });
  });

  test('keep models and releases of the agent apart', async () => {
    const deb = 'a package';
    const file = { path: 'agent.deb', digest: digestOf(deb), size: deb.length };
    const release = Buffer.from(formatManifest(releaseManifest('0.2.0', file)));
    const digest = await pushBundle(fleet.controller, admin, release, { [file.path]: Buffer.from(deb) });
    await push('1.0.0');
    await settle();
    const order: SlotOrder = { name: 'goshawk-agent-amd64', version: '0.2.0' };
    await expect(set('plate', order)).rejects.toMatchObject({ code: 'slot-release' });
    await expect(set('agent', { name: 'tiny' })).rejects.toMatchObject({ code: 'slot-release' });
    await expect(set('agent', { ...order, cameras: ['front'] })).rejects.toMatchObject({
      code: 'slot-agent',
    });
    expect(desired()).toBeUndefined();
    await set('agent', order);
    expect(desired()?.slots).toMatchObject({ agent: { model: { ...order, digest } } });
    expect(fleet.controller.models.list().models.find(({ name }) => name === order.name)).toMatchObject({
      ...{ task: 'release', labels: [], variants: [], complete: true, sizeBytes: deb.length },
    });
    const rollout = {
      name: 'agent-2',
      policy: { model: order, slot: 'agent', target: { all: true as const } },
    };
    const { waves } = await fleet.controller.rollouts.preview(rollout);
    expect(waves.flatMap(({ devices }) => devices)).toEqual(['d1', 'd2']);
    await expect(
      fleet.controller.rollouts.preview({ ...rollout, policy: { ...rollout.policy, slot: 'main' } }),
    ).rejects.toMatchObject({ code: 'slot-release' });
  });
});
