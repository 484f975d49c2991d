import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../../../../src/adapters/filesystem/index.ts';
import { type DownloadIdentity, RegistryClient } from '../../../../../src/adapters/oci/index.ts';
import { PeerServer, signOffer } from '../../../../../src/adapters/peers/index.ts';
import { MissingError } from '../../../../../src/base/index.ts';
import type { EngineManifest } from '../../../../../src/model/index.ts';
import { PeerEngineSource } from '../../../../../src/runtime/device/fetch/engine-sources.ts';
import { FleetEngines, ownEngines } from '../../../../../src/runtime/device/fetch/fleet-engines.ts';
import { RecordingLog } from '../../../../fakes/recording-log.ts';
import { fleetIdentities } from '../../../../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../../../../fixtures/temporary-folder.ts';
import { tinyBundle } from '../../../../fixtures/tiny-bundle.ts';

const key = 'a'.repeat(64);
const bundle = tinyBundle();
const plan = Buffer.from('a plan of TensorRT');

// No GPU is needed: a plan is a file here. That TensorRT takes a plan of another board of the same kind was not tried.
describe('Engines that a device offers to others of its kind', () => {
  let folder: string;
  let built: DownloadIdentity;
  let other: DownloadIdentity;
  let stranger: DownloadIdentity;
  let server: PeerServer | undefined;
  const log = new RecordingLog();
  /** What the controller says of a certificate. */
  let isGood: (fingerprint: string) => Promise<boolean | undefined>;

  beforeEach(async () => {
    folder = temporaryFolder();
    isGood = async () => true;
    const issue = await fleetIdentities();
    [built, other] = [await issue('cam-1'), await issue('cam-2')];
    stranger = await (await fleetIdentities())('cam-1');
  });
  afterEach(() => server?.close());

  function keep(change: Partial<NonNullable<EngineManifest['plan']>> = {}) {
    const { state } = { state: 'ready' };
    const fingerprint = {
      ...{ model: `sha256:${'1'.repeat(64)}`, precision: 'fp16', profiles: {}, workspaceBytes: 1, flags: [] },
      ...{ dlaCore: null, tensorrt: '10.3.0.30', cudaDriver: '12.6', computeCapability: '8.7', smCount: 16 },
      ...{ board: 'a board', pluginAbi: '1.1' },
    };
    const noted = {
      ...{ sha256: digestOf(plan).slice(7), size: plan.length, builtAt: '2026-11-27T00:00:00Z' },
      ...{ buildMs: 1, peakMemoryBytes: 5, proven: true },
      ...change,
    };
    const manifest = { schema: 1, key, fingerprint, state, reason: '', refusals: 0, plan: noted };
    writeFileSync(join(folder, `${key}.json`), JSON.stringify(manifest));
    writeFileSync(join(folder, `${key}.plan`), plan);
  }

  async function serve(offer?: (key: string) => Promise<string | undefined>): Promise<FleetEngines> {
    const own = ownEngines(folder, () => built);
    server = await PeerServer.start({
      ...{ host: '127.0.0.1', port: 0, identity: built, bytesPerSecond: 1e9, log },
      ...{ files: () => own.files(), engine: offer ?? ((one) => own.offer(one)) },
    });
    const url = `https://127.0.0.1:${server.port}`;
    const client = new RegistryClient({ url, identity: () => other, peer: true });
    const ports = { log, nowMs: () => Date.now(), isGood: (one: string) => isGood(one) };
    return new FleetEngines([new PeerEngineSource(client)], () => other, ports);
  }
  const target = () => join(temporaryFolder(), 'engine.plan');

  it('are taken where they are for the same fingerprint and a device of the fleet vouches for them', async () => {
    keep();
    const path = target();
    const engines = await serve();
    expect(await engines.fetch(key, path, bundle)).toEqual({
      ...{ buildMs: 0, peakMemoryBytes: 5, from: 'cam-1' },
    });
    expect(readFileSync(path).equals(plan)).toBe(true);
    expect(await engines.fetch('b'.repeat(64), target(), bundle)).toBeUndefined();
  });

  it.each<[string, () => Promise<boolean | undefined>, boolean]>([
    ['of a device that was revoked are not taken', async () => false, false],
    [
      'are not taken while the controller cannot be asked',
      async () => {
        throw new MissingError('controller-away', 'It is away.', '');
      },
      false,
    ],
    ['are taken where nobody knows of revocations', async () => undefined, true],
  ])('%s', async (_title, answer, taken) => {
    keep();
    const asked: string[] = [];
    isGood = (fingerprint) => {
      asked.push(fingerprint);
      return answer();
    };
    const path = target();
    expect((await (await serve()).fetch(key, path, bundle)) !== undefined).toBe(taken);
    expect(existsSync(path)).toBe(taken);
    expect(asked).toEqual([new X509Certificate(built.cert).fingerprint256.replaceAll(':', '').toLowerCase()]);
  });

  it('are not offered before they were checked and watched at work', async () => {
    keep({ proven: false });
    const path = target();
    expect(await (await serve()).fetch(key, path, bundle)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it('are not passed on as one’s own where another device built them', async () => {
    keep({ buildMs: 0 });
    const own = ownEngines(folder, () => built);
    expect(await own.offer(key)).toBeUndefined();
    expect(await own.files()).toEqual(new Map());
  });

  const facts = { sha256: digestOf(plan).slice(7), size: plan.length, peakMemoryBytes: 5 };
  it.each<[string, () => object]>([
    ['signed by a device of another fleet', () => signOffer({ key, plan: facts }, stranger)],
    ['for another engine', () => ({ ...signOffer({ key: 'c'.repeat(64), plan: facts }, built), key })],
    [
      'whose plan is another one than was signed',
      () => ({ ...signOffer({ key, plan: { ...facts, size: 1 } }, built), plan: facts }),
    ],
    [
      'signed with a key that is not the certificate’s',
      () => ({ ...signOffer({ key, plan: facts }, stranger), certificate: built.cert }),
    ],
    ['without a certificate', () => ({ ...signOffer({ key, plan: facts }, built), certificate: '' })],
    ['of another form', () => ({ hello: 1 })],
  ])('are not taken %s', async (_title, offer) => {
    keep();
    const path = target();
    expect(await (await serve(async () => JSON.stringify(offer()))).fetch(key, path, bundle)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it('are not taken where the bytes are not those that were signed', async () => {
    keep();
    const good = await ownEngines(folder, () => built).offer(key);
    // As long, and something else.
    writeFileSync(join(folder, `${key}.plan`), Buffer.alloc(plan.length, 'x'));
    const path = target();
    expect(await (await serve(async () => good)).fetch(key, path, bundle)).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });
});
