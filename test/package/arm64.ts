import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './boot.ts';

/* The agent's package in an arm64 root, by qemu-user: no systemd, since that does not boot there, and no figure worth a word. */

const program = '/usr/lib/goshawk-agent';

export async function foreignSteps(root: string, onStep: (step: Step) => void): Promise<void> {
  const inside = (command: string): string => {
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      DEBIAN_FRONTEND: 'noninteractive',
      LC_ALL: 'C.UTF-8',
    };
    const result = spawnSync('unshare', ['--mount', '--pid', '--fork', 'chroot', root, 'sh', '-c', command], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      env,
    });
    if (result.status === 0) return result.stdout.trim();
    throw new Error(`${command}: ${result.status}: ${`${result.stdout}${result.stderr}`.slice(-1_500)}`);
  };
  const step = (name: string, action: () => void) => {
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    try {
      action();
      onStep({ name, ok: true, seconds: seconds() });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      onStep({ name, ok: false, seconds: seconds(), problem });
    }
  };
  // Threads of ONNX Runtime and of V8 read /proc.
  const mounted = 'mount -t proc proc /proc;';
  const apt = 'apt-get install -y -q -o DPkg::Options::=--force-unsafe-io';
  step('apt-get install ./goshawk-agent.deb', () => {
    inside(`${mounted} ${apt} /opt/test/debs/goshawk-agent_0.1.0_arm64.deb`);
  });
  const out = join(root, program, 'native/build/out');
  for (const file of readdirSync(out).filter((name) => name.endsWith('.node')))
    step(`${file} is loaded`, () => {
      const script = `process.dlopen({exports:{}}, "${program}/native/build/out/${file}")`;
      inside(`${mounted} ${program}/bin/node -e '${script}'`);
    });
  step('goshawk run on three frames of the simulated street', () => {
    const flags = '--source sim --engine onnxruntime --frames 3 --json';
    const lines = inside(`${mounted} goshawk run --model ${program}/models/street ${flags}`);
    if (!/"processed":3/.test(lines)) throw new Error(lines.slice(-1_000));
  });
}
