import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/* A Debian as the installer leaves it, with the packages that apt will want, fetched and not installed. */

export const projectRoot = join(import.meta.dirname, '..', '..');
export const work = join(projectRoot, 'build', 'test-package');
export type Release = 'trixie' | 'bookworm';
export const releaseNames: Readonly<Record<Release, string>> = { trixie: 'Debian 13', bookworm: 'Debian 12' };

/** What a Debian with a broker has; the agent's own needs are its package's business. */
const debianPackages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'udev', 'man-db', 'procps', 'mosquitto', 'bash-completion'],
  ...['libgcc-s1', 'libstdc++6', 'init-system-helpers'],
];
/** A camera's server, installed when everything else was looked at. */
const cameraPackages = ['python3-gi', 'gir1.2-gst-rtsp-server-1.0', 'gstreamer1.0-plugins-ugly'];

export function run(program: string, args: readonly string[]): void {
  const result = spawnSync(program, args, { cwd: projectRoot, encoding: 'utf8', maxBuffer: 256 << 20 });
  if (result.status === 0) return;
  const words = result.error?.message ?? `exit status ${result.status ?? result.signal}`;
  throw new Error(
    `${program} ${args.join(' ')}: ${words}: ${`${result.stdout}${result.stderr}`.slice(-2_000)}`,
  );
}

/** Made once for each release and processor; apt keeps its lists. */
export function baseTar(release: Release, architecture: string): string {
  const tar = join(work, `${release}-${architecture}.tar`);
  if (existsSync(tar)) return tar;
  mkdirSync(work, { recursive: true });
  run('mmdebstrap', [
    ...['--variant=minbase', '--skip=cleanup/apt', `--architectures=${architecture}`],
    ...[`--include=${debianPackages.join(',')}`, '--format=tar', release, `${tar}.new`],
  ]);
  renameSync(`${tar}.new`, tar);
  return tar;
}

/** A fresh root; `debs` is at /opt/test/debs in it. `more`: packages that apt can install there, too. Returns its folder. */
export function makeRoot(
  release: Release,
  architecture: string,
  debs: string,
  more: readonly string[] = [],
): string {
  const root = join(work, `root-${release}-${architecture}`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  run('tar', ['xf', baseTar(release, architecture), '-C', root]);
  cpSync(debs, join(root, 'opt/test/debs'), { recursive: true });
  fetchPackages(root, release, architecture, more);
  return root;
}

/** What apt would fetch to install the agent's package as a user does; kept for the next run. */
function fetchPackages(root: string, release: Release, architecture: string, more: readonly string[]): void {
  const archives = join(root, 'var/cache/apt/archives');
  const kept = join(work, `archives-${release}-${architecture}`);
  mkdirSync(kept, { recursive: true });
  copyDebs(kept, archives);
  cpSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'), { dereference: true });
  const agent = readdirSync(join(root, 'opt/test/debs')).filter((name) => name.startsWith('goshawk-agent_'));
  const wanted = [`/opt/test/debs/${agent.sort()[0]}`, ...cameraPackages];
  const fetch = ['apt-get', 'install', '-y', '-q', '--download-only'];
  run('chroot', [root, ...fetch, ...wanted]);
  // Also what the base has, for who removes it.
  if (more.length > 0) run('chroot', [root, ...fetch, '--reinstall', ...more]);
  rmSync(join(root, 'etc/resolv.conf'));
  copyDebs(archives, kept);
}

function copyDebs(from: string, to: string): void {
  for (const name of readdirSync(from).filter((one) => one.endsWith('.deb')))
    if (!existsSync(join(to, name))) cpSync(join(from, name), join(to, name));
}
