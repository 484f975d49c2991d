import fs, { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digestOf, readBundle, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import type { DownloadIdentity } from '../../../../src/adapters/oci/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import { SealedModels } from '../../../../src/runtime/device/sealed-models.ts';
import { MachineEngines } from '../../../../src/runtime/engines/machine-engines.ts';
import { encryptBundle } from '../../../../src/workbench/index.ts';
import { deviceModels } from '../../../fixtures/device-models.ts';
import { FakeRegistry } from '../../../fixtures/fake-registry.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../../fixtures/tiny-onnx.ts';

const never = new AbortController().signal;

describe('An encrypted model', () => {
  let registry: FakeRegistry;
  let issue: (device: string) => Promise<DownloadIdentity>;
  let mine: DownloadIdentity;
  let other: DownloadIdentity;
  let work: string;
  const network = Buffer.from(tinyOnnx());

  beforeEach(async () => {
    registry = await new FakeRegistry().start();
    issue = await fleetIdentities();
    [mine, other] = [await issue('cam-1'), await issue('cam-2')];
    work = temporaryFolder();
    const file = { path: 'onnx/fp32.onnx', digest: digestOf(network), size: network.length };
    const readme = { path: 'README.md', digest: digestOf('read me'), size: 7 };
    const manifest = tinyManifest({ variants: [{ kind: 'fp32', file }], attachments: [readme] });
    await writeBundle(
      join(work, 'plain'),
      manifest,
      new Map<string, Uint8Array | string>([
        [file.path, network],
        ['README.md', 'read me'],
      ]),
    );
  });
  afterEach(() => registry.close());

  const certificate = (identity: DownloadIdentity, name: string) => {
    writeFileSync(join(work, name), identity.cert);
    return join(work, name);
  };
  const encrypt = (from: string, out: string, identities: readonly DownloadIdentity[]) =>
    encryptBundle({
      ...{ bundle: join(work, from), out: join(work, out), keyFile: join(work, 'key'), signal: never },
      for: identities.map((identity, at) => certificate(identity, `${at}.crt`)),
    });

  function device(identity: DownloadIdentity, folder = temporaryFolder()) {
    const sealed = new SealedModels(() => identity.key);
    const models = deviceModels(folder, { sealed }, { registry: () => registry.url });
    return { folder, sealed, models };
  }

  async function deploy({ models }: ReturnType<typeof device>): Promise<Bundle> {
    const model = await registry.addFolder(join(work, 'sealed'));
    await models.download(model, () => {}, never);
    const bundle = await models.verify(model.digest);
    await models.decrypt(bundle, () => {}, never);
    return bundle;
  }

  it('has the digest of the plain one, runs, and leaves no byte of its network on the disk', async () => {
    const made = await encrypt('plain', 'sealed', [mine, other]);
    expect(made).toMatchObject({ devices: ['cam-1', 'cam-2'], files: ['onnx/fp32.onnx'], newKey: true });
    expect(statSync(join(work, 'key')).mode & 0o777).toBe(0o600);
    const here = device(mine);
    const bundle = await deploy(here);
    expect(bundle.digest).toBe(made.digest);
    const engines = new MachineEngines({
      log: silentLog,
      plain: (one, file) => here.sealed.plain(one, file),
    });
    const detector = await engines.open('onnxruntime-node', bundle, {});
    expect(detector.identity.digest).toBe(made.digest);
    await detector.close();
    expect(filesWith(here.folder, network.subarray(16, 80))).toEqual([]);
    expect(filesWith(join(work, 'sealed'), network.subarray(16, 80))).toEqual([]);
    // The search finds what there is.
    expect(filesWith(join(work, 'plain'), network.subarray(16, 80))).toHaveLength(1);
  });

  it('is brought up again from the disk after a restart', async () => {
    await encrypt('plain', 'sealed', [mine]);
    const first = device(mine);
    const { digest } = await deploy(first);
    const again = device(mine, first.folder);
    const bundle = await again.models.find(digest);
    const { file } = bundle!.manifest.variants[0]!;
    expect(Buffer.from((await again.sealed.plain(bundle!, file))!).equals(network)).toBe(true);
  });

  it('has a plan whose plain bytes get into no memory but what is kept from swap, and which is empty afterwards', async () => {
    await encrypt('plain', 'sealed', [mine]);
    const bundle = await readBundle(join(work, 'sealed'));
    const [plan, target] = [join(work, 'plan'), join(work, 'plan.sealed')];
    const bytes = Buffer.alloc(200_003, 'plan ');
    writeFileSync(plan, bytes);
    const kept: Uint8Array[] = [];
    const allocate = (size: number) => kept[kept.push(new Uint8Array(size)) - 1]!;
    const seal = new SealedModels(() => mine.key, { allocate, keep: () => () => {} }).planSeal(
      bundle,
      bundle.manifest.variants[0]!.file,
    )!;
    const reads = await readsInto(async () => {
      expect(await seal.seal(plan, target)).toEqual({
        sha256: digestOf(bytes).slice('sha256:'.length),
        size: bytes.length,
      });
    });
    const ofPlan = reads.filter(({ found }) => found.includes('plan plan plan '));
    // Twice: its digest, and the encryption, whose key is made of that.
    expect(ofPlan.reduce((sum, { count }) => sum + count, 0)).toBe(2 * bytes.length);
    expect(ofPlan.filter(({ into }) => !kept.some(({ buffer }) => buffer === into))).toEqual([]);
    for (const each of kept) expect(each.every((byte) => byte === 0)).toBe(true);
    const opened = await seal.open(target, { sha256: digestOf(bytes).slice(7), size: bytes.length });
    expect(Buffer.from(opened).equals(bytes)).toBe(true);
  });

  it('is refused by a device that it is not for, before a byte of it is fetched', async () => {
    await encrypt('plain', 'sealed', [mine]);
    await expect(deploy(device(other))).rejects.toMatchObject({ code: 'sealed-for-others' });
    const sealedBlob = [...registry.blobs.keys()];
    const asked = registry.requests.filter(({ path }) => sealedBlob.some((digest) => path.endsWith(digest)));
    // The manifest and the envelope.
    expect(asked).toHaveLength(2);
  });

  it('is refused by whoever would read it as a plain one', async () => {
    await encrypt('plain', 'sealed', [mine]);
    const bundle = await readBundle(join(work, 'sealed'));
    const engines = new MachineEngines({ log: silentLog });
    await expect(engines.open('onnxruntime-node', bundle, {})).rejects.toMatchObject({
      code: 'sealed-bundle',
    });
    await expect(engines.open('tensorrt', bundle, {})).rejects.toMatchObject({ code: 'sealed-plan' });
  });

  it('runs in no engine that could be swapped, where memory is to be locked', async () => {
    await encrypt('plain', 'sealed', [mine]);
    const bundle = await readBundle(join(work, 'sealed'));
    const engines = new MachineEngines({ log: silentLog, lockMemory: true });
    await expect(engines.open('onnxruntime-node', bundle, {})).rejects.toMatchObject({
      code: 'engine-lock-memory',
    });
  });

  it('gets other devices with the key of that time, and leaves one out, without another digest', async () => {
    const first = await encrypt('plain', 'sealed', [mine]);
    const second = await encrypt('sealed', 'sealed-2', [other]);
    expect(second).toMatchObject({ digest: first.digest, devices: ['cam-2'], newKey: false });
    const read = (folder: string) => readFileSync(join(work, folder, 'onnx/fp32.onnx.sealed'));
    expect(read('sealed').equals(read('sealed-2'))).toBe(true);
    const model = await registry.addFolder(join(work, 'sealed-2'));
    const out = device(mine).models;
    await expect(out.download(model, () => {}, never)).rejects.toMatchObject({ code: 'sealed-for-others' });
    const { models } = device(other);
    await models.download(model, () => {}, never);
    await models.decrypt(await models.verify(model.digest), () => {}, never);
  });

  it.each<
    [
      string,
      (envelope: { files: { blob: string }[]; bundle: string; recipients: { wrapped: string }[] }) => void,
      string,
    ]
  >([
    [
      'of another bundle',
      (envelope) => {
        envelope.bundle = `sha256:${'0'.repeat(64)}`;
      },
      'sealed-envelope',
    ],
    [
      'with another wrapped key',
      (envelope) => {
        envelope.recipients[0]!.wrapped = Buffer.alloc(48).toString('base64');
      },
      'sealed-key',
    ],
    [
      'without its files',
      (envelope) => {
        envelope.files = [];
      },
      'sealed-envelope',
    ],
  ])('with an envelope %s is refused, and may come again', async (_title, change, code) => {
    await encrypt('plain', 'sealed', [mine]);
    const path = join(work, 'sealed/sealed.json');
    const good = readFileSync(path);
    const here = device(mine);
    const envelope = JSON.parse(good.toString());
    change(envelope);
    const model = await registry.addFolder(join(work, 'sealed'));
    // As the registry gives it.
    const layer = [...registry.blobs].find(([, bytes]) => Buffer.from(bytes).includes('"recipients"'))![0];
    registry.blobs.delete(layer);
    const text = Buffer.from(JSON.stringify(envelope));
    registry.before = (request, response, next) =>
      request.url?.endsWith(layer) === true ? response.end(text) : next();
    const obtain = async () => {
      await here.models.download(model, () => {}, never);
      await here.models.decrypt(await here.models.verify(model.digest), () => {}, never);
    };
    // A blob that is not its digest is refused already; so the registry has to lie about the list too.
    await expect(obtain()).rejects.toMatchObject({ code: 'registry-digest' });
    registry.before = (_request, _response, next) => next();
    registry.putEnvelope(model, text);
    await expect(obtain()).rejects.toMatchObject({ code });
    registry.putEnvelope(model, good);
    await obtain();
  });
});

interface Read {
  readonly into: ArrayBufferLike;
  readonly count: number;
  readonly found: string;
}

/** What is read of files meanwhile, by handles and by streams, and into which memory. */
async function readsInto(run: () => Promise<void>): Promise<Read[]> {
  const reads: Read[] = [];
  const note = (bytes: Uint8Array, offset: number, count: number) => {
    const found = Buffer.from(bytes.subarray(offset, offset + count)).toString('latin1');
    reads.push({ into: bytes.buffer, count, found });
  };
  const handle = await open(import.meta.filename);
  const handles = Object.getPrototypeOf(handle);
  await handle.close();
  const [byHandle, byStream] = [handles.read, fs.read];
  const spies = [
    vi.spyOn(handles, 'read').mockImplementation(async function (this: unknown, ...given: unknown[]) {
      const result = await byHandle.apply(this, given);
      note(result.buffer, Number(given[1] ?? 0), result.bytesRead);
      return result;
    }),
    vi.spyOn(fs, 'read').mockImplementation(((...given: unknown[]) => {
      const [, bytes, offset] = given as [number, Uint8Array, number];
      const done = given.at(-1) as (error: Error | null, count: number, buffer: unknown) => void;
      const noted: typeof done = (error, count, buffer) => {
        if (error === null) note(bytes, offset, count);
        done(error, count, buffer);
      };
      Reflect.apply(byStream, fs, [...given.slice(0, -1), noted]);
    }) as never),
  ];
  try {
    await run();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return reads;
}

/** Files below a folder that contain these bytes. */
function filesWith(folder: string, bytes: Uint8Array): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(Buffer.from(bytes)));
}
