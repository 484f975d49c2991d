import { spawnSync } from 'node:child_process';
import { checkBuildDependencies, PackageError } from '../../deploy/package/parts.ts';

/* What `npm test -- package` needs of the machine, and what it may install there. */

/** What npm, apt and mmdebstrap say when a registry does not answer. */
export const silence =
  /Could not resolve|Temporary failure|Failed to fetch|Unable to connect|Connection (refused|timed out|failed)|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNREFUSED|ECONNRESET|E50[0-9]/;

const programs: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  unshare: 'util-linux',
};
const foreign: Readonly<Record<string, string>> = {
  'qemu-aarch64': 'qemu-user-binfmt',
  'arch-test': 'arch-test',
};
/** For the packages themselves: deploy/package/parts.ts says when one is missing. */
const toBuild = [
  ...['g++', 'make', 'python3', 'libonnxruntime-dev', 'cyclonedds-dev', 'libfastdds-dev'],
  'libgstreamer-plugins-base1.0-dev',
];

const isThere = (program: string) =>
  spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]).status === 0;

/** Why this machine can't do it; undefined: it can. */
export function reasonToSkip(architecture: string): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (process.arch !== 'x64') return 'needs an x86 processor';
  if (!isThere('apt-get')) return 'needs a Debian';
  const needed = architecture === 'arm64' ? { ...programs, ...foreign } : programs;
  install(needed, architecture);
  const missing = Object.keys(needed).filter((program) => !isThere(program));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  if (spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status !== 0)
    return 'no namespace may be made here';
  if (architecture === 'arm64' && !startsArm64()) return 'no arm64 program starts here';
  return missingToBuild(architecture);
}

/** systemd registers the emulator at a start; in a machine without it nobody did. */
function startsArm64(): boolean {
  const starts = () => spawnSync('arch-test', ['arm64']).status === 0;
  if (starts()) return true;
  const registry = '/proc/sys/fs/binfmt_misc';
  spawnSync('mount', ['-t', 'binfmt_misc', 'binfmt_misc', registry]);
  spawnSync('/usr/lib/systemd/systemd-binfmt');
  return starts();
}

function missingToBuild(architecture: string): string | undefined {
  try {
    checkBuildDependencies([architecture === 'arm64' ? 'arm64' : 'amd64']);
    return undefined;
  } catch (error) {
    if (error instanceof PackageError) return error.message.split('\n')[0];
    throw error;
  }
}

function install(needed: Readonly<Record<string, string>>, architecture: string): void {
  const packages = Object.entries(needed).flatMap(([program, debian]) => (isThere(program) ? [] : [debian]));
  if (missingToBuild(architecture) !== undefined)
    packages.push(...toBuild, ...(architecture === 'arm64' ? ['g++-aarch64-linux-gnu'] : []));
  if (packages.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env, stdio: ['ignore', 'ignore', 'ignore'] as 'ignore'[] };
  spawnSync('apt-get', ['update', '-q'], quiet);
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...new Set(packages)], quiet);
}
