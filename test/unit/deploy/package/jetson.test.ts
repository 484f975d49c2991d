import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packages } from '../../../../deploy/package/packages.ts';
import { filledIn } from '../../../../deploy/package/tree.ts';
import { projectRoot } from '../../../integration/goshawk.ts';

const [agent] = packages;
const facts = { version: '1.2.3', epochSeconds: 0, maintainer: '' };
const file = (path: string) => readFileSync(join(projectRoot, path), 'utf8');

describe('The generator of the drop-in for a Jetson', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-generator-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs it as systemd does, beside a device tree that says so, and gives where the drop-in leads. */
  function dropIn(compatible: string | undefined): string | undefined {
    const tree = join(folder, 'tree');
    mkdirSync(tree);
    if (compatible !== undefined) writeFileSync(join(tree, 'compatible'), compatible);
    const script = filledIn(file('deploy/package/jetson-generator.sh'), agent!, facts);
    const places = ['normal', 'early', 'late'].map((name) => join(folder, name));
    const ran = spawnSync('sh', ['-c', script, 'generator', ...places], {
      env: { PATH: process.env.PATH, GOSHAWK_DEVICE_TREE: tree },
      encoding: 'utf8',
    });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([0, '', '']);
    const link = join(folder, 'normal/goshawk-agent.service.d/50-jetson.conf');
    return existsSync(join(folder, 'normal')) ? readlinkSync(link) : undefined;
  }

  it.each([
    'nvidia,p3768-0000+p3767-0005-super\0nvidia,p3767-0005\0nvidia,tegra234\0',
    'nvidia,p3971-0089+p3834-0008\0nvidia,tegra264\0',
  ])('adds it on %j', (compatible) => {
    const target = '/usr/lib/goshawk-agent/share/jetson.conf';
    expect(dropIn(compatible)).toBe(target);
    expect(agent!.files).toHaveProperty([target.slice(1)]);
  });

  it('adds nothing on a Raspberry Pi', () => {
    expect(dropIn('raspberrypi,5-model-b\0brcm,bcm2712\0')).toBeUndefined();
  });

  it('adds nothing on a PC, which has no device tree', () => {
    expect(dropIn(undefined)).toBeUndefined();
  });
});

describe('The drop-in for a Jetson', () => {
  const text = file('deploy/systemd/goshawk-agent-jetson.conf');

  it('lets the service reach nvargus-daemon and the devices of NVIDIA’s rules', () => {
    expect(text).toMatch(/^PrivateTmp=no$/m);
    for (const device of ['/dev/host1x-fence', 'char-capture-*', '/dev/nvgpu/igpu0/ctrl'])
      expect(text).toContain(`DeviceAllow=${device} rw\n`);
  });

  it('keeps what the agent puts aside out of the folder that all share', () => {
    expect(text).toMatch(/^RuntimeDirectoryMode=0700$/m);
    expect(text).toMatch(/^Environment=TMPDIR=\/run\/goshawk-agent$/m);
  });
});
