import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import type { DesiredModel } from '../../../../src/protocol/index.ts';
import { RosModels } from '../../../../src/runtime/device/ros-models.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

async function bundle(version: string): Promise<Bundle> {
  const bytes = Uint8Array.of(1, 2, 3);
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file }] });
  return writeBundle(join(temporaryFolder(), version), manifest, new Map([['fp32.onnx', bytes]]));
}

describe('Models of an agent that the graph may choose', () => {
  async function offered() {
    const [serving, before, further] = [await bundle('1.0.0'), await bundle('2.0.0'), await bundle('3.0.0')];
    const disk = new Map([serving, before].map((one) => [one.digest, one]));
    const asked: DesiredModel[] = [];
    const imported: string[] = [];
    const log = new RecordingLog();
    const models = new RosModels({
      folders: [further.location, '/nowhere', serving.location],
      models: {
        find: async (digest) => disk.get(digest),
        importFolder: async (folder) => {
          imported.push(folder);
          return further;
        },
      },
      agent: () => ({
        keptModels: [serving.digest, before.digest],
        switchLocally: async (model, onProgress) => {
          asked.push(model);
          onProgress({ state: 'preparing', done: 0.25, cancellable: true });
        },
      }),
      log,
    });
    return { models, asked, imported, further, before, log };
  }

  it('are those of the settings and those that it has kept, each once, and none that cannot be read', async () => {
    const { models, log } = await offered();
    expect((await models.allowed()).map(({ version }) => version)).toEqual(['1.0.0', '2.0.0', '3.0.0']);
    expect(log.at('warn')).toMatchObject([['A bundle of ros.models cannot be read', { folder: '/nowhere' }]]);
  });

  it('are taken onto its disk first, where they are not there', async () => {
    const { models, asked, imported, further, before } = await offered();
    const { name } = tinyManifest();
    const told: object[] = [];
    const signal = new AbortController().signal;
    expect(await models.swap({ name, version: '3.0.0' }, (one) => told.push(one), signal)).toBe(
      further.digest,
    );
    expect(await models.swap({ name, version: '2.0.0' }, () => {}, signal)).toBe(before.digest);
    expect(imported).toEqual([further.location]);
    expect(asked).toEqual([
      { name, version: '3.0.0', digest: further.digest },
      { name, version: '2.0.0', digest: before.digest },
    ]);
    expect(told).toEqual([{ state: 'preparing', percent: 25, cancellable: true }]);
  });
});
