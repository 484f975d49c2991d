import { beforeEach, describe, expect, it } from 'vitest';
import { nodeSecrets } from '../../../../src/adapters/crypto/node-secrets.ts';
import { ModelRegistry } from '../../../../src/controller/models/model-registry.ts';
import { OciRegistry } from '../../../../src/controller/registry/oci-registry.ts';
import { formatManifest } from '../../../../src/model/index.ts';
import { digestOf } from '../../../../src/platform/index.ts';
import { eventBus } from '../../../fakes/event-bus.ts';
import { fakeArtifacts } from '../../../fakes/fake-artifacts.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { admin } from '../../../fakes/test-fleet.ts';
import { pushBundle } from '../../../fixtures/push-bundle.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const network = Buffer.from('the network');
const path = 'onnx/fp32.onnx';
const bundleOf = (version = '1.0.0') => {
  const file = { path, digest: digestOf(network), size: network.length };
  return Buffer.from(formatManifest(tinyManifest({ version, variants: [{ kind: 'fp32', file }] })));
};

let artifacts: ReturnType<typeof fakeArtifacts>;
let log: RecordingLog;
let clock: FakeClock;

/** A life of the registry on what lies there. */
async function live(maxBundles = 10) {
  const models = new ModelRegistry({ ...artifacts, log }, { maxBundles });
  const oci = new OciRegistry({
    ...{ ...artifacts, models, log, secrets: nodeSecrets, clock },
    audit: { record: (_c: unknown, _a: unknown, _t: unknown, run: () => unknown) => run() } as never,
    devices: { get: () => undefined, devices: () => [].values() },
    vouchers: { of: () => Promise.reject(new Error('not asked')) as never, isGood: () => false },
    expectUnneeded: () => {},
    bus: eventBus(clock),
  });
  await oci.load();
  return { models, oci };
}
const push = (life: Awaited<ReturnType<typeof live>>, version?: string) =>
  pushBundle(life, admin, bundleOf(version), { [path]: network });

beforeEach(() => {
  artifacts = fakeArtifacts();
  log = new RecordingLog();
  clock = new FakeClock();
});

describe('The models of a fleet', () => {
  it('are the bundles of its registry, with what their manifests say', async () => {
    const life = await live();
    const digest = await push(life);
    expect(life.models.isComplete(digest)).toBe(true);
    expect(life.models.list(() => 3)).toMatchObject([
      {
        ...{ name: 'tiny', version: '1.0.0', digest, devices: 3, complete: true, missing: [] },
        variants: [{ kind: 'fp32', sizeBytes: network.length }],
      },
    ]);
    expect((await live()).models.list(() => 3)).toEqual(life.models.list(() => 3));
  });

  it('can be chosen under their own name and version', async () => {
    const life = await live();
    const choose = (choice: { name?: string; version?: string } = {}) =>
      life.models.expectChoice({ name: 'tiny', version: '1.0.0', digest: digestOf(bundleOf()), ...choice });
    expect(() => choose()).toThrow(expect.objectContaining({ code: 'model-unknown' }));
    await push(life);
    choose();
    for (const other of [{ name: 'other' }, { version: '2.0.0' }])
      expect(() => choose(other)).toThrow(expect.objectContaining({ code: 'model-mismatch' }));
  });

  it('are listed by name, the newest push first', async () => {
    const life = await live();
    for (const version of ['1.0.0', '3.0.0', '2.0.0']) {
      await push(life, version);
      await clock.pass(1);
    }
    expect(life.models.list(() => 0).map(({ version }) => version)).toEqual(['2.0.0', '3.0.0', '1.0.0']);
  });

  it('are no more than so many, and one that is there can be pushed again', async () => {
    const life = await live(1);
    await push(life);
    await expect(push(life, '2.0.0')).rejects.toMatchObject({ code: 'registry-full' });
    await push(life);
    expect(life.models.list(() => 0)).toHaveLength(1);
  });

  it('leave out one whose manifest cannot be read any more, and log it', async () => {
    const life = await live();
    const [gone, digest] = [await push(life), await push(life, '2.0.0')];
    await artifacts.blobs.delete(gone);
    const next = await live();
    expect(next.models.list(() => 0).map((one) => one.digest)).toEqual([digest]);
    expect(log.at('warn')).toMatchObject([['A stored bundle could not be read', { bundle: gone }]]);
  });
});
