import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DownloadIdentity, RegistryClient } from '../../src/adapters/oci/index.ts';
import { pushEngine, signOffer } from '../../src/adapters/peers/index.ts';
import {
  type Bundle,
  type Descriptor,
  type EngineManifest,
  type EngineOffer,
  engineDeviceAnnotation,
  envelopeType,
  formatManifest,
  type Manifest,
  packBundle,
  packEngine,
} from '../../src/model/index.ts';
import { digestOf } from '../../src/platform/index.ts';
import { RegistryEngineSource } from '../../src/runtime/device/fetch/engine-sources.ts';
import { FleetEngines, GivenEngines, ownEngines } from '../../src/runtime/device/fetch/fleet-engines.ts';
import { RecordingLog } from '../fakes/recording-log.ts';
import { admin, EnrollingController } from '../fixtures/enrolling-controller.ts';
import { pushBundle } from '../fixtures/push-bundle.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';

const key = 'a'.repeat(64);
const never = new AbortController().signal;

async function* once(bytes: Uint8Array) {
  yield bytes;
}

/** A controller over TLS, devices with certificates of it, and one model that they are ordered to run. A plan is a file here. */
class World {
  readonly served: EnrollingController;
  readonly bundle: Bundle;
  readonly log = new RecordingLog();
  /** The artifact of the bundle. */
  readonly subject: Descriptor;

  private constructor(served: EnrollingController, bundle: Bundle) {
    this.served = served;
    const { oci } = served.controller;
    const { digest, mediaType, size } = oci.manifest('street', '1.0.0');
    this.subject = { digest, mediaType, size };
    this.bundle = bundle;
  }

  static async open(engines = true): Promise<World> {
    const served = await EnrollingController.open({ engines });
    const network = Buffer.from('the network');
    const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
    const manifest: Manifest = tinyManifest({ name: 'street', variants: [{ kind: 'fp32', file }] });
    const json = Buffer.from(formatManifest(manifest));
    const digest = await pushBundle(served.controller, admin, json, { 'fp32.onnx': network });
    return new World(served, { digest, manifest, location: '' });
  }

  async device(name: string, ordered = true): Promise<DownloadIdentity> {
    const device = this.served.device(name);
    const { certificate, authority } = await device.enrol((await this.served.claim()).claim);
    this.served.controller.registry.ensure(name);
    const { name: model, version } = this.bundle.manifest;
    if (ordered)
      await this.served.controller.desiredState.setDevice(admin, name, {
        slots: { main: { model: { name: model, version, digest: this.bundle.digest } } },
      });
    return { cert: certificate, key: readFileSync(device.keyFile, 'utf8'), ca: authority };
  }

  source(identity: DownloadIdentity): RegistryEngineSource {
    return new RegistryEngineSource(new RegistryClient({ url: this.served.url, identity: () => identity }));
  }

  /** The engine cache of a device that built a plan and watched it. */
  cache(plan: Uint8Array, change: Partial<EngineManifest['fingerprint']> = {}): string {
    const folder = temporaryFolder();
    const manifest = {
      ...{ schema: 1, key, state: 'ready', reason: '', refusals: 0 },
      fingerprint: {
        ...{
          model: digestOf('x'),
          precision: 'fp16',
          profiles: {},
          workspaceBytes: 1,
          flags: [],
          dlaCore: null,
        },
        ...{ tensorrt: '10.3.0.30', cudaDriver: '12.6', computeCapability: '8.7', smCount: 16 },
        ...{ board: 'a board', pluginAbi: '1.1', ...change },
      },
      plan: {
        ...{ sha256: digestOf(plan).slice(7), size: plan.length, builtAt: '2026-11-27T00:00:00Z' },
        ...{ buildMs: 1, peakMemoryBytes: 5, proven: true },
      },
    };
    writeFileSync(join(folder, `${key}.json`), JSON.stringify(manifest));
    writeFileSync(join(folder, `${key}.plan`), plan);
    return folder;
  }

  async give(identity: DownloadIdentity, folder: string): Promise<void> {
    await new GivenEngines({
      own: ownEngines(folder, () => identity),
      ...{ url: () => this.served.url, identity: () => identity },
      ...{ registry: this.source(identity), log: this.log, nowMs: () => Date.now() },
    }).give(key, this.bundle);
  }

  async take(identity: DownloadIdentity): Promise<Buffer | undefined> {
    const path = join(temporaryFolder(), 'engine.plan');
    const engines = new FleetEngines([this.source(identity)], () => identity, {
      ...{ log: this.log, nowMs: () => Date.now(), isGood: async () => true },
    });
    return (await engines.fetch(key, path, this.bundle)) === undefined ? undefined : readFileSync(path);
  }

  /** Whose plans lie in the registry. */
  plans(): string[] {
    const all = this.served.controller.oci.referrers('street', this.subject.digest).manifests ?? [];
    return all.flatMap(({ annotations }) => annotations?.[engineDeviceAnnotation] ?? []);
  }

  /** As the listener does for a device with this name, without the listener. */
  async put(
    device: string,
    offer: EngineOffer,
    plan: AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>),
  ): Promise<unknown> {
    const caller = { tokenId: `certificate of ${device}`, name: device, role: 'device' as const };
    const { oci } = this.served.controller;
    const bytes = typeof plan === 'function' ? plan() : plan;
    return oci.putEngine({ caller, device, certified: true }, this.bundle.digest, offer, bytes);
  }

  /** An artifact that says of itself that it is a plan. */
  async pushAsOperator(offer: EngineOffer, plan: Uint8Array): Promise<void> {
    const { oci } = this.served.controller;
    const packed = packEngine(offer, { device: 'cam-9', certificate: '0' }, this.subject, digestOf);
    for (const bytes of [plan, packed.offer.bytes]) {
      const id = (await oci.uploads.begin('street', 't')) ?? '';
      await oci.uploads.finish('street', id, digestOf(bytes), once(bytes), undefined);
    }
    const { bytes, descriptor } = packed.manifest;
    await oci.putManifest(admin, 'street', descriptor.digest, async () => bytes, {});
  }

  /** Sends what a device of ours would not. */
  push(identity: DownloadIdentity, offer: EngineOffer, plan: Uint8Array, bundle = this.bundle.digest) {
    const path = join(temporaryFolder(), 'plan');
    writeFileSync(path, plan);
    const given = { bundle, offer: JSON.stringify(offer), path, size: plan.length };
    return pushEngine(this.served.url, identity, given, never);
  }
}

const offerOf = (plan: Uint8Array, identity: DownloadIdentity, of = key, size = plan.length) =>
  signOffer({ key: of, plan: { sha256: digestOf(plan).slice(7), size, peakMemoryBytes: 5 } }, identity);

describe('Plans by the registry of the fleet', () => {
  it('come from the device that built one to another of its kind, as artifacts that refer to the bundle', async () => {
    const world = await World.open();
    const [first, second] = [await world.device('cam-1'), await world.device('cam-2')];
    // More than one chunk.
    const plan = randomBytes(300_000);
    expect(await world.take(second)).toBeUndefined();
    await world.give(first, world.cache(plan));
    expect((await world.take(second))?.equals(plan)).toBe(true);
    // Who has one of the same kind does not send it too.
    await world.give(second, world.cache(randomBytes(1000)));
    expect(await world.source(second).find(key, world.bundle, never)).toHaveLength(1);
    expect(await world.source(second).find('b'.repeat(64), world.bundle, never)).toHaveLength(0);
    const audited = world.served.store.auditRows.map(({ action, actor }) => `${actor} ${action}`);
    expect(audited.filter((line) => line.includes('engine.pushed'))).toHaveLength(1);
  });

  it('are given where the controller allows it alone', async () => {
    const world = await World.open(false);
    const first = await world.device('cam-1');
    await world.give(first, world.cache(randomBytes(10)));
    expect(world.log.lines.join('\n')).toMatch(/not given to the fleet/);
    expect(await world.take(first)).toBeUndefined();
  });

  it('of an encrypted model stay where they are: the device does not send them, and the controller takes none', async () => {
    const world = await World.open();
    const first = await world.device('cam-1');
    await world.give(first, world.cache(randomBytes(10), { flags: ['encrypted'] }));
    expect(await world.source(first).find(key, world.bundle, never)).toEqual([]);
    const { oci } = world.served.controller;
    const { manifest } = world.bundle;
    const json = Buffer.from(formatManifest(manifest));
    const envelope = Buffer.from('{}');
    const packed = packBundle(json, manifest, digestOf, {
      envelope: { digest: digestOf(envelope), size: envelope.length },
      files: new Map(),
    });
    for (const bytes of [envelope, packed.config.bytes]) {
      const id = (await oci.uploads.begin('street', 't')) ?? '';
      await oci.uploads.finish('street', id, digestOf(bytes), once(bytes), undefined);
    }
    const old = oci.manifest('street', '1.0.0').digest ?? '';
    await oci.putManifest(admin, 'street', '1.0.0', async () => packed.manifest.bytes, {});
    await oci.deleteManifest(admin, 'street', old);
    expect(Buffer.from(packed.manifest.bytes).includes(envelopeType)).toBe(true);
    const plan = randomBytes(10);
    await expect(world.push(first, offerOf(plan, first), plan)).rejects.toThrow(/encrypted/);
    expect(await world.source(first).find(key, world.bundle, never)).toEqual([]);
  });

  it('are refused by the controller where the device may not give them', async () => {
    const world = await World.open();
    const [mine, idle] = [await world.device('cam-1'), await world.device('cam-2', false)];
    const plan = randomBytes(1000);
    const other = digestOf('another model');
    await expect(world.push(idle, offerOf(plan, idle), plan)).rejects.toThrow(/not ordered/);
    await expect(world.push(mine, offerOf(plan, mine), plan, other)).rejects.toThrow(/not ordered/);
    await expect(world.push(mine, offerOf(randomBytes(1000), mine), plan)).rejects.toThrow(/digest|sha256/);
    await expect(world.push(mine, offerOf(randomBytes(10), mine), plan)).rejects.toThrow(
      /more than the 10 bytes/,
    );
    await expect(world.push(mine, { ...offerOf(plan, mine), key: 'no key' }, plan)).rejects.toThrow(
      /offers no engine/,
    );
    const huge = (size: number, of = key) => offerOf(plan, mine, of, size);
    await expect(world.push(mine, huge(2 ** 31), plan)).rejects.toThrow(/more than a plan may have/);
    expect(await world.source(mine).find(key, world.bundle, never)).toEqual([]);
    for (const name of ['cam-3', 'cam-4', 'cam-5']) {
      const [one, by] = [randomBytes(10), await world.device(name)];
      await world.push(by, offerOf(one, by), one);
      await expect(world.push(by, offerOf(plan, by), plan)).rejects.toThrow(/here from this device/);
    }
    await expect(world.push(mine, offerOf(plan, mine), plan)).rejects.toThrow(/3 plans of this kind/);
    // What it says that it sends counts, so that a lie costs the liar.
    const day = huge(2 ** 30, 'b'.repeat(64));
    for (let at = 0; at < 2; at++) await expect(world.push(mine, day, plan)).rejects.toThrow(/it has 1000/);
    await expect(world.push(mine, huge(2 ** 30, 'c'.repeat(64)), plan)).rejects.toThrow(/may send today/);
  });

  it.each<[string, (of: { world: World; plan: Uint8Array; mine: DownloadIdentity }) => Promise<EngineOffer>]>(
    [
      [
        'that no device of the fleet signed',
        async ({ plan }) => offerOf(plan, await (await World.open()).device('cam-1')),
      ],
      [
        'that another device of the fleet signed',
        async ({ world, plan }) => offerOf(plan, await world.device('cam-2')),
      ],
      [
        'that were signed for another board',
        async ({ plan, mine }) => ({ ...offerOf(plan, mine, 'c'.repeat(64)), key }),
      ],
      [
        'under the certificate of another device',
        async ({ world, plan, mine }) => ({
          ...offerOf(plan, mine),
          certificate: (await world.device('cam-2')).cert,
        }),
      ],
    ],
  )('%s are refused before a byte of them is read', async (_title, offer) => {
    const world = await World.open();
    const mine = await world.device('cam-1');
    const plan = randomBytes(500);
    const given = await offer({ world, plan, mine });
    const unread = (async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.reject(new Error('it was read'));
    })();
    await expect(world.put('cam-1', given, unread)).rejects.toMatchObject({ code: 'engine-offer-signature' });
    expect(await world.source(mine).find(key, world.bundle, never)).toEqual([]);
  });

  it('that came another way and are no good keep no good one away', async () => {
    const world = await World.open();
    const [mine, second] = [await world.device('cam-1'), await world.device('cam-2')];
    const stranger = await (await World.open()).device('cam-1');
    const bad = randomBytes(500);
    await world.pushAsOperator(offerOf(bad, stranger), bad);
    const other = randomBytes(501);
    await world.pushAsOperator({ ...offerOf(other, mine), schema: 2 } as never, other);
    expect(await world.take(second)).toBeUndefined();
    const good = randomBytes(700);
    await world.give(mine, world.cache(good));
    expect((await world.take(second))?.equals(good)).toBe(true);
  });

  it('of a device that is revoked go at once, also one that is on its way', async () => {
    const world = await World.open();
    const [mine, second] = [await world.device('cam-1'), await world.device('cam-2')];
    const plan = randomBytes(700);
    await world.give(mine, world.cache(plan));
    expect(await world.take(second)).toBeDefined();
    const late = randomBytes(20);
    const underWay = world.put('cam-1', offerOf(late, mine, 'd'.repeat(64)), async function* () {
      yield late;
      await world.served.controller.enrolment.revocations.revoke(admin, 'cam-1', {});
    });
    await expect(underWay).rejects.toMatchObject({ code: 'certificate-refused' });
    expect(await world.take(second)).toBeUndefined();
    expect(world.plans()).toEqual([]);
    // It is a device as before, and its plans are not.
    await world.give(second, world.cache(plan));
    expect(world.plans()).toEqual(['cam-2']);
  });

  it('go with the model, and with the certificate that vouches for them', async () => {
    const world = await World.open();
    const { controller, clock } = world.served;
    const mine = await world.device('cam-1');
    const given = async () => {
      await world.give(mine, world.cache(randomBytes(700)));
      expect(world.plans()).toEqual(['cam-1']);
    };
    await given();
    clock.shiftMs = 91 * 86_400_000;
    await controller.oci.sweep();
    expect(world.plans()).toEqual([]);
    clock.shiftMs = 0;
    await given();
    await controller.desiredState.setDevice(admin, 'cam-1', {});
    await controller.models.deleteModel(admin, world.bundle.digest);
    expect(world.plans()).toEqual([]);
  });

  it('go with the artifact that they refer to; one that is on its way then is not kept', async () => {
    const world = await World.open();
    const { oci } = world.served.controller;
    const mine = await world.device('cam-1');
    await world.give(mine, world.cache(randomBytes(700)));
    expect(world.plans()).toEqual(['cam-1']);
    const late = randomBytes(20);
    const underWay = world.put('cam-1', offerOf(late, mine, 'd'.repeat(64)), async function* () {
      yield late;
      await oci.deleteManifest(admin, 'street', oci.manifest('street', '1.0.0').digest);
      expect(world.plans()).toEqual([]);
    });
    await expect(underWay).rejects.toMatchObject({ code: 'manifest-unknown' });
    expect(world.plans()).toEqual([]);
  });

  it('find that their place was taken another way meanwhile', async () => {
    const world = await World.open();
    const mine = await world.device('cam-1');
    const plan = randomBytes(20);
    const put = world.put('cam-1', offerOf(plan, mine), async function* () {
      for (const size of [30, 40, 50]) {
        const other = randomBytes(size);
        await world.pushAsOperator(offerOf(other, mine), other);
      }
      yield plan;
    });
    await expect(put).rejects.toThrow(/3 plans of this kind/);
  });

  it('come one at a time from a device', async () => {
    const world = await World.open();
    const mine = await world.device('cam-1');
    const plan = randomBytes(20);
    const put = world.put('cam-1', offerOf(plan, mine), async function* () {
      const other = randomBytes(30);
      await expect(world.push(mine, offerOf(other, mine, 'b'.repeat(64)), other)).rejects.toThrow(
        /another one of this device is on its way/,
      );
      yield plan;
    });
    await put;
    expect(world.plans()).toEqual(['cam-1']);
  });
});
