import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, networkDigest, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import { shippedProfiles } from '../../../../src/runtime/device/shipped-profiles.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const other = `sha256:${'9'.repeat(64)}`;

/** A bundle that brings the profiles of these cameras. */
function bundle(folder: string, ...cameras: readonly string[]): Promise<Bundle> {
  const file = (path: string) => ({ path, digest: digestOf(path), size: path.length });
  const paths = cameras.map((camera) => `profiles/${camera}.json`);
  const manifest = tinyManifest({
    variants: [{ kind: 'fp32', file: file('fp32.onnx') }],
    attachments: paths.map(file),
  });
  const contents = new Map(['fp32.onnx', ...paths].map((path) => [path, Buffer.from(path)]));
  return writeBundle(folder, manifest, contents);
}

function found(
  settings: { readonly model?: string; readonly profile?: string },
  bundles: readonly Bundle[],
  asked: string[] = [],
) {
  const { model, profile } = settings;
  const camera = profile === undefined ? {} : { profile };
  return shippedProfiles(
    { ...(model === undefined ? {} : { models: { main: model } }), cameras: { front: camera } },
    {
      models: {
        find: async (digest) => {
          asked.push(digest);
          if (digest === 'sick') throw new Error('the disk is gone');
          return bundles.find((one) => one.digest === digest);
        },
      },
      log: new RecordingLog(),
    },
  );
}

describe('Where the profile of a camera may lie', () => {
  it('is the file of the settings, then inside the bundle that runs, then beside the first bundle', async () => {
    const folder = temporaryFolder();
    const first = await bundle(join(folder, 'first'));
    const next = await bundle(join(folder, 'next'), 'front');
    const find = found({ model: first.location, profile: '/etc/front.json' }, [first, next]);
    expect(await find('front', next.digest)).toEqual({
      paths: [
        '/etc/front.json',
        join(next.location, 'profiles/front.json'),
        join(first.location, 'profiles/front.json'),
      ],
      network: networkDigest(next.manifest),
    });
    expect((await find('front', first.digest)).paths).toEqual([
      '/etc/front.json',
      join(first.location, 'profiles/front.json'),
    ]);
  });

  it('is not beside the first bundle where that holds it itself: then it is for that bundle alone', async () => {
    const folder = temporaryFolder();
    const first = await bundle(join(folder, 'first'), 'front');
    const next = await bundle(join(folder, 'next'), 'rear');
    const find = found({ model: first.location }, [first, next]);
    expect((await find('front', next.digest)).paths).toEqual([]);
    expect((await find('front', first.digest)).paths).toEqual([join(first.location, 'profiles/front.json')]);
  });

  it('is beside a folder whose manifest cannot be read, as before', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'first'));
    writeFileSync(join(folder, 'first', 'manifest.json'), 'torn');
    const find = found({ model: join(folder, 'first') }, []);
    expect(await find('front', other)).toEqual({ paths: [join(folder, 'first/profiles/front.json')] });
  });

  it('asks for a model once, however many cameras there are, and again after the disk failed', async () => {
    const asked: string[] = [];
    const find = found({}, [], asked);
    await Promise.all(['front', 'rear'].map((camera) => find(camera, other)));
    expect(asked).toEqual([other]);
    expect(await find('front', 'sick')).toEqual({ paths: [] });
    await find('front', 'sick');
    expect(asked).toEqual([other, 'sick', 'sick']);
  });
});
