import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { projectRoot } from '../goshawk.ts';
import { why } from '../jetson/scripts.ts';

const here = 'test/integration/shipped';
const jetson = 'test/integration/jetson';

/** Which test runs a script as it is shipped: by its own first line or its unit's, with no variable of ours set for it. */
const runBy: Readonly<Record<string, string>> = {
  'deploy/ci/example.yaml': `${here}/ci.test.ts`,
  'deploy/ci/fetch-frames.sh': `${here}/ci.test.ts`,
  'deploy/ci/release-model.sh': `${here}/ci.test.ts`,
  'deploy/image/root/etc/initramfs-tools/hooks/goshawk': `${here}/image.test.ts`,
  'deploy/image/root/etc/initramfs-tools/scripts/local-bottom/goshawk': `${here}/image.test.ts`,
  'deploy/image/root/etc/systemd/system/emergency.service.d/goshawk.conf': `${here}/image.test.ts`,
  'deploy/image/root/etc/systemd/system/rescue.service.d/goshawk.conf': `${here}/image.test.ts`,
  'deploy/image/root/usr/lib/goshawk-image/confirm': `${here}/image.test.ts`,
  'deploy/image/root/usr/lib/goshawk-image/first-boot': `${here}/image.test.ts`,
  'deploy/image/root/usr/lib/goshawk-image/slots': `${here}/image.test.ts`,
  'deploy/image/root/usr/lib/systemd/system/goshawk-confirm.service': `${here}/image.test.ts`,
  'deploy/image/root/usr/lib/systemd/system/goshawk-first-boot.service': `${here}/image.test.ts`,
  'deploy/image/ssh/usr/lib/goshawk-image/ssh-host-key': `${here}/image.test.ts`,
  'deploy/jetson/common.sh': `${jetson}/rehearsal.test.ts`,
  'deploy/jetson/firstboot.sh': `${jetson}/firstboot.test.ts`,
  'deploy/jetson/flash.sh': `${jetson}/rehearsal.test.ts`,
  'deploy/jetson/goshawk-firstboot.service': `${jetson}/firstboot.test.ts`,
  'deploy/jetson/goshawk-tensorrt.service': `${jetson}/tensorrt.test.ts`,
  'deploy/jetson/overlay.sh': `${jetson}/rehearsal.test.ts`,
  'deploy/jetson/tensorrt.sh': `${jetson}/tensorrt.test.ts`,
  'deploy/launcher/goshawk.cjs': `${here}/commands.test.ts`,
  'deploy/package/as-service.sh': 'test/package/guest/sandbox.mjs',
  'deploy/package/jetson-generator.sh': 'test/unit/deploy/package/jetson.test.ts',
  'deploy/package/maintainer/postinst': `${here}/maintainer.test.ts`,
  'deploy/package/maintainer/postrm': `${here}/maintainer.test.ts`,
  'deploy/package/maintainer/preinst': `${here}/maintainer.test.ts`,
  'deploy/package/maintainer/prerm': `${here}/maintainer.test.ts`,
  'deploy/ros2/check.sh': `${here}/commands.test.ts`,
  'deploy/ros2/goshawk_ros/scripts/goshawk_node': `${here}/commands.test.ts`,
  'deploy/systemd/goshawk-agent.service': `${here}/units.test.ts`,
  'deploy/systemd/goshawk-controller.service': `${here}/units.test.ts`,
  'deploy/systemd/goshawk-reboot.service': `${here}/units.test.ts`,
  'deploy/systemd/goshawk-update.service': 'test/package/guest/updates.mjs',
  'deploy/image/root/usr/lib/systemd/system/goshawk-update-guard.service': 'test/image/ordered.ts',
  'deploy/update/run': 'test/package/guest/updates.mjs',
  'models/street/chain.sh': `${here}/commands.test.ts`,
  'models/street/train.sh': `${here}/commands.test.ts`,
  'native/build.mjs': 'test/unit/native/build.test.ts',
};

/** What such a test has to name. */
const names: Readonly<Record<string, string>> = {
  'deploy/package/as-service.sh': 'as-service',
  'deploy/package/jetson-generator.sh': 'jetson-generator',
  'deploy/jetson/common.sh': 'overlay.sh',
  'deploy/systemd/goshawk-update.service': 'goshawk-update.path',
  'deploy/update/run': 'goshawk-update.path',
  'deploy/jetson/firstboot.sh': 'goshawk-firstboot.service',
  'deploy/jetson/tensorrt.sh': 'goshawk-tensorrt.service',
  'deploy/image/root/etc/systemd/system/emergency.service.d/goshawk.conf': 'emergency',
  'deploy/image/root/etc/systemd/system/rescue.service.d/goshawk.conf': 'rescue',
};

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)))
    .filter((path) => !/^native\/.*\/|\.(onnx|png|jpg|npz|bin)$/.test(path));
}

/** A program by its first line or name, a unit that starts one, a workflow that runs one. */
function runs(path: string): boolean {
  const text = readFileSync(join(projectRoot, path), 'utf8');
  if (text.startsWith('#!') || path.endsWith('.sh') || dirname(path) === 'deploy/package/maintainer')
    return true;
  return (/\.(service|conf)$/.test(path) && /^ExecStart=./m.test(text)) || /^\s*- run:/m.test(text);
}

const shipped = ['deploy', 'models', 'native'].flatMap(filesBelow).filter(runs).sort();

describe('Every script that is shipped', () => {
  it('is run by a test as it is shipped', () => {
    // A new one: write that test, and its row above.
    expect(shipped).toEqual(Object.keys(runBy).sort());
  });

  it.each(Object.entries(runBy))('%s is named by its test', (script, test) => {
    const text = readFileSync(join(projectRoot, test), 'utf8');
    expect(text).toContain(names[script] ?? basename(script));
  });

  const missing = why('shellcheck');
  it.skipIf(missing !== undefined)(titled('has nothing that shellcheck would say', missing), () => {
    const shells = shipped.filter((path) => {
      const [first = ''] = readFileSync(join(projectRoot, path), 'utf8').split('\n', 1);
      return /^#!.*\bsh$|^# shellcheck shell=sh/.test(first);
    });
    expect(shells.length).toBeGreaterThan(15);
    const ran = spawnSync('shellcheck', ['-x', '--source-path=SCRIPTDIR', '--shell=sh', ...shells], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    expect(ran.stdout + ran.stderr).toBe('');
    expect(ran.status).toBe(0);
  });
});
