import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isRelease, parseAnyManifest, releaseName } from '../../../../src/model/index.ts';
import { renewedWith } from '../../../../src/runtime/device/updater.ts';
import { createRelease } from '../../../../src/workbench/release/create-release.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

/** As RAUC 1.13 says it of a bundle. */
const info = (compatible: string) =>
  `{"compatible":"${compatible}","version":"0.2.0","description":null,"build":null,"format":"verity","hooks":[],"hash":"be40","images":[{"rootfs":{"filename":"root.img","size":1000000}}]}`;

describe('A release', () => {
  let folder: string;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => vi.unstubAllEnvs());

  function program(name: string, text: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
    vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  }

  function file(head: string): string {
    writeFileSync(join(folder, 'given'), `${head} and more`);
    return join(folder, 'given');
  }

  const create = (path: string) =>
    createRelease(path, { out: join(folder, 'release'), createdBy: 'goshawk 1' });

  it('is made of the update of an image, and is for boards of its kind', async () => {
    program('rauc', `echo 'rauc-Message: Reading bundle' >&2; echo '${info('goshawk-generic-amd64')}'`);
    const { manifest } = await create(file('hsqs'));
    expect(manifest).toMatchObject({
      ...{ name: 'goshawk-generic-amd64', version: '0.2.0', task: 'release' },
      package: {
        format: 'rauc',
        name: 'goshawk-generic-amd64',
        file: { path: 'goshawk-generic-amd64_0.2.0.raucb' },
      },
    });
    const read = parseAnyManifest(JSON.stringify(manifest), 'manifest.json');
    if (!isRelease(read)) throw new Error('it is read as a model');
    writeFileSync(join(folder, 'image.json'), JSON.stringify({ board: 'generic-amd64', version: '0.1.0' }));
    const { kind, version } = renewedWith(join(folder, 'image.json'));
    expect([releaseName(kind), kind.format, version]).toEqual([releaseName(read.package), 'rauc', '0.1.0']);
  });

  it('is made of a package, named after it and its processor', async () => {
    program(
      'dpkg-deb',
      'case $3 in Package) echo goshawk-agent ;; Version) echo 0.2.0 ;; *) echo arm64 ;; esac',
    );
    const { manifest } = await create(file('!<arch>\n'));
    expect(manifest).toMatchObject({
      name: 'goshawk-agent-arm64',
      package: { format: 'deb', architecture: 'arm64' },
    });
  });

  it.each([
    ['hsqs', `echo '${info('another-board')}'`, /not for a board of Goshawk/],
    ['hsqs', 'echo nothing', /not for a board of Goshawk/],
    ['hsqs', 'exit 1', /rauc cannot read it/],
    ['!<arch>\n', 'echo bash', /It is the package bash/],
    ['PK', 'exit 0', /neither the package of the agent nor the update of an image/],
  ])('is refused where the file is something else: %j, %s', async (head, text, why) => {
    for (const name of ['rauc', 'dpkg-deb']) program(name, text);
    await expect(create(file(head))).rejects.toThrow(why);
  });
});
