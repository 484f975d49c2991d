import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildPrograms } from '../../src/image/index.ts';
import { type Architecture, firmwareOf } from './hardware.ts';
import { makeOwnerKey, ownerKey } from './login.ts';
import { projectRoot, work } from './places.ts';
import type { Steps } from './steps.ts';

/** What npm, apt and mmdebstrap say when a registry does not answer. */
const silence =
  /Could not resolve|Temporary failure|Failed to fetch|Unable to connect|Connection (refused|timed out|failed)|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNREFUSED|ECONNRESET|E50[0-9]/;

export interface ImageFiles {
  readonly image: string;
  readonly update: string;
}

const programs: Readonly<Record<string, string>> = {
  ...buildPrograms,
  mosquitto: 'mosquitto',
  'dbus-daemon': 'dbus-daemon',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  ssh: 'openssh-client',
};

export const isThere = (program: string) =>
  spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]).status === 0;

const machines: Readonly<Record<Architecture, readonly (readonly [program: string, debian: string])[]>> = {
  amd64: [['qemu-system-x86_64', 'qemu-system-x86']],
  arm64: [
    ['qemu-system-aarch64', 'qemu-system-arm'],
    ['qemu-aarch64', 'qemu-user-binfmt'],
    ['arch-test', 'arch-test'],
  ],
};
const firmwarePackage = { amd64: 'ovmf', arm64: 'qemu-efi-aarch64' } as const;

/** Why this machine can't do it; undefined: it can. `boards`: they are started, which needs QEMU. */
export function reasonToSkip(architecture: Architecture = 'amd64', boards = true): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (spawnSync('uname', ['-m'], { encoding: 'utf8' }).stdout.trim() !== 'x86_64')
    return 'needs an x86 processor';
  const needed = [...Object.entries(programs), ...(boards ? machines[architecture] : [])];
  const noFirmware = () => boards && !existsSync(firmwareOf(architecture));
  installMissing(needed, noFirmware() ? [firmwarePackage[architecture]] : []);
  const missing = needed.map(([program]) => program).filter((program) => !isThere(program));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  return noFirmware() ? `not installed: ${firmwarePackage[architecture]}` : undefined;
}

function installMissing(
  needed: readonly (readonly [program: string, debian: string])[],
  more: readonly string[],
): void {
  const missing = needed.filter(([program]) => !isThere(program)).map(([, debian]) => debian);
  const packages = [...missing, ...more];
  if (packages.length === 0 || !isThere('apt-get')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: ['ignore', 'ignore', 'ignore'] as 'ignore'[] };
  spawnSync('apt-get', ['update', '-q'], quiet);
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...new Set(packages)], quiet);
}

function run(program: string, args: readonly string[]): string {
  const result = spawnSync(program, args, { cwd: projectRoot, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.status === 0) return result.stdout;
  throw new Error(
    `${program} ${args.join(' ')}: exit status ${result.status}: ${`${result.stdout}${result.stderr}`.slice(-2000)}`,
  );
}

/** The package and the image from it. */
export async function prepare(
  steps: Steps,
  reuse: boolean,
  architecture: Architecture = 'amd64',
): Promise<ImageFiles | undefined> {
  mkdirSync(work, { recursive: true });
  const image = join(work, architecture === 'amd64' ? 'board.img' : `board-${architecture}.img`);
  const packages = join(work, 'packages');
  const found = () => readdirSync(packages).find((name) => name.endsWith(`_${architecture}.deb`));
  if (!reuse || !existsSync(packages) || found() === undefined) {
    const packaged = await steps.stepOrSkip('the package of the agent is built', silence, async () => {
      run('npm', [
        'run',
        '-s',
        'package',
        '--',
        '--arch',
        architecture,
        '--only',
        'goshawk-agent',
        '--quick',
        '--out',
        packages,
      ]);
      return undefined;
    });
    if (!packaged) return undefined;
  }
  if (!reuse || !existsSync(`${ownerKey}.pub`)) makeOwnerKey();
  const built = await steps.stepOrSkip('the image is built', silence, async () => {
    const text = run(process.execPath, [
      'dist/src/cli/main.js',
      'image',
      'build',
      '--json',
      '--board',
      `generic-${architecture}`,
      '--agent',
      join(packages, found() ?? ''),
      '--model',
      'models/street-int8',
      '--insecure',
      '--ssh-key',
      `${ownerKey}.pub`,
      '--out',
      image,
      '--work',
      work,
      ...(reuse ? ['--reuse-base'] : []),
    ]);
    const line = JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as {
      bytes: number;
      rootBytes: number;
      seconds: Record<string, number>;
    };
    return {
      megabytes: Math.round(line.bytes / 1e6),
      rootMegabytes: Math.round(line.rootBytes / 1e6),
      ...line.seconds,
    };
  });
  return built ? { image, update: image.replace(/\.img$/, '.raucb') } : undefined;
}
