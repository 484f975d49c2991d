import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import { packer } from '../../../../src/adapters/zstd/index.ts';
import type { ModelList } from '../../../../src/api/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { DesiredModel } from '../../../../src/protocol/index.ts';
import { SealedModels } from '../../../../src/runtime/device/sealed-models.ts';
import { encryptBundle, pushModel } from '../../../../src/workbench/index.ts';
import { deviceModels } from '../../../fixtures/device-models.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { Served } from '../../adapters/fastify/serve.ts';

const never = new AbortController().signal;
const work = {
  ...{ log: silentLog, signal: never },
  startProgress: async () => ({ advance: () => {}, stop: () => {} }),
};
const without = (await packer()) === undefined ? ' (skipped: no program zstd)' : '';

// The whole way: a workbench, the controller's registry, a device.
describe('A bundle that is pushed to a controller', () => {
  let served: Served;
  let folder: string;
  beforeEach(async () => {
    served = await Served.open();
    folder = temporaryFolder();
  });
  afterEach(() => served.close());

  async function bundle(version: string, network: Buffer): Promise<string> {
    const at = join(folder, version);
    const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
    const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file }] });
    await writeBundle(at, manifest, new Map([['fp32.onnx', network]]));
    return at;
  }
  const push = (from: string, bases: readonly string[] = []) =>
    pushModel(from, undefined, { url: served.url, token: served.tokens.operator, bases }, work as never);
  const modelOf = ({ name, version, digest }: DesiredModel): DesiredModel => ({ name, version, digest });

  it.skipIf(without !== '')(
    `reaches a device as what differs from the version before${without}`,
    async () => {
      const weights = randomBytes(100_000);
      const changed = Buffer.concat([
        weights.subarray(0, 50_000),
        Buffer.from('changed'),
        weights.subarray(50_000),
      ]);
      const first = await push(await bundle('1.0.0', weights));
      const second = await push(await bundle('2.0.0', changed), [join(folder, '1.0.0')]);
      expect([first.forms, second.forms]).toEqual([0, 1]);
      // The right to read all: what a device may read is tested with the registry.
      const models = deviceModels(
        join(folder, 'device'),
        {},
        { registry: () => served.url, token: served.tokens.viewer },
      );
      for (const pushed of [first, second]) {
        const model = modelOf(pushed);
        await models.download(model, () => {}, never);
        expect(models.packed(model.digest)).toBe(pushed === second);
        await models.unpack(model.digest, () => {}, never);
        await models.verify(model.digest);
      }
      const { location } = (await models.find(second.digest))!;
      expect(readFileSync(join(location, 'fp32.onnx')).equals(changed)).toBe(true);
    },
  );

  it('encrypted is a model of the fleet, though the controller cannot read it, and the device can', async () => {
    const network = Buffer.concat([Buffer.from('marker of the weights'), randomBytes(1_000)]);
    const plain = await bundle('1.0.0', network);
    const device = await (await fleetIdentities())('cam-1');
    writeFileSync(join(folder, 'cam-1.crt'), device.cert);
    const sealedFolder = join(folder, 'sealed');
    const options = { out: sealedFolder, keyFile: join(folder, 'key'), signal: never };
    await encryptBundle({ ...options, bundle: plain, for: [join(folder, 'cam-1.crt')] });
    const pushed = await push(sealedFolder);
    const list = await served.json<ModelList>('GET', '/models', 'viewer');
    expect(list.body.models).toMatchObject([{ digest: pushed.digest, complete: true }]);
    const sealed = new SealedModels(() => device.key);
    const models = deviceModels(
      join(folder, 'device'),
      { sealed },
      { registry: () => served.url, token: served.tokens.viewer },
    );
    await models.download(modelOf(pushed), () => {}, never);
    const found = await models.verify(pushed.digest);
    await models.decrypt(found, () => {}, never);
    const { file } = found.manifest.variants[0]!;
    expect(Buffer.from((await sealed.plain(found, file))!).equals(network)).toBe(true);
  });
});
