import { chmod, copyFile, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { counted, GoshawkError } from '../../base/index.ts';
import { authorizedKeys, type Board, raucSystem, type SshKey } from '../../image/index.ts';
import { placeFile } from '../../platform/index.ts';
import type { DebianPackage } from '../../sbom/index.ts';
import { loaderFolder } from './base-system.ts';
import { debianPackages } from './beside.ts';
import { type RunOptions, run } from './tools.ts';

export interface TreeOptions {
  readonly board: Board;
  /** The folder deploy/image. */
  readonly recipe: string;
  /** goshawk-agent_*.deb */
  readonly agentPackage: string;
  readonly model?: string;
  /** PEM of the certificate that updates are signed with. */
  readonly keyring: string;
  readonly version: string;
  readonly ntp: readonly string[];
  /** Who may log in as root. */
  readonly sshKeys: readonly SshKey[];
}

/** Where things of the image lie in the root file system. */
const own = 'usr/lib/goshawk-image';
const enabled = [
  'goshawk-first-boot.service',
  'goshawk-confirm.service',
  'goshawk-update-guard.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'systemd-timesyncd.service',
  'iwd.service',
];

/**
 * Root is read-only, partitions are made by the initial RAM disk, nobody waits for a network (without one, too, the board
 * perceives), and nobody can log in at a console.
 */
const masked = [
  'systemd-machine-id-commit.service',
  'systemd-repart.service',
  'systemd-networkd-wait-online.service',
  'getty@.service',
  'serial-getty@.service',
  'console-getty.service',
  // Each would cost a start its time: indexes of message texts, snapshots of LVM, file systems that nobody uses, updates by apt.
  'systemd-journal-catalog-update.service',
  'ldconfig.service',
  'e2scrub_reap.service',
  'e2scrub_all.timer',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'dev-hugepages.mount',
  'proc-sys-fs-binfmt_misc.automount',
];

export interface RootTree {
  /** Where the files of the boot loader's packages lie. */
  readonly loader: string;
  readonly debian: readonly DebianPackage[];
}

/** Unpacks Debian and lays everything of ours into it. */
export async function makeRootTree(
  root: string,
  base: string,
  options: TreeOptions,
  ports: RunOptions,
): Promise<RootTree> {
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await run('tar', ['xf', base, '-C', root, '--numeric-owner'], ports);
  const loader = `${root}-loader`;
  await rm(loader, { recursive: true, force: true });
  await mkdir(loader);
  for (const name of await readdir(join(root, loaderFolder)))
    await run('dpkg-deb', ['-x', join(root, loaderFolder, name), loader], ports);
  await rm(join(root, loaderFolder), { recursive: true });

  await cp(join(options.recipe, 'root'), root, { recursive: true });
  await installAgent(root, options.agentPackage, ports);
  await layOwnFiles(root, options);
  if (options.sshKeys.length > 0) await layLogin(root, options);
  await inRoot(root, ['systemctl', 'enable', ...enabled], ports);
  await inRoot(root, ['systemctl', 'mask', ...masked], ports);
  await inRoot(root, ['update-initramfs', '-c', '-k', 'all'], ports);
  await nameKernel(root);
  // Before the database of dpkg goes with everything below /var.
  const debian = await debianPackages(root, ports);
  await clean(root);
  return { loader, debian };
}

/** Runs a program in the tree, with its own /proc; it sees no other process. */
export async function inRoot(root: string, command: readonly string[], ports: RunOptions): Promise<string> {
  return run(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', `--root=${root}`, ...command],
    {
      ...ports,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        DEBIAN_FRONTEND: 'noninteractive',
        TMPDIR: '/tmp',
        HOME: '/root',
      },
    },
  );
}

async function installAgent(root: string, agentPackage: string, ports: RunOptions): Promise<void> {
  const name = basename(agentPackage);
  await copyFile(agentPackage, join(root, 'tmp', name));
  await inRoot(root, ['dpkg', '--install', `/tmp/${name}`], ports);
  await rm(join(root, 'tmp', name));
}

async function layOwnFiles(root: string, options: TreeOptions): Promise<void> {
  const write = async (path: string, text: string) => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await write(`usr/lib/goshawk-agent/${placeFile}`, `${JSON.stringify({ place: 'board' })}\n`);
  await write('etc/rauc/system.conf', raucSystem(options.board));
  await copyFile(options.keyring, join(root, 'etc/rauc/keyring.pem'));
  await write('etc/hostname', 'goshawk\n');
  await write('etc/hosts', '127.0.0.1 localhost goshawk\n::1 localhost ip6-localhost\n');
  await write('etc/machine-id', '');
  await write(
    `${own}/image.json`,
    `${JSON.stringify({ board: options.board.name, version: options.version }, undefined, 2)}\n`,
  );
  if (options.ntp.length > 0)
    await write('etc/systemd/timesyncd.conf.d/goshawk.conf', `[Time]\nNTP=${options.ntp.join(' ')}\n`);
  // The clock of a board without a battery begins here, not in 1970.
  await write('usr/lib/clock-epoch', '');
  if (options.model !== undefined) await cp(options.model, join(root, own, 'model'), { recursive: true });
  // The settings are made on the board, at the first boot.
  await rm(join(root, 'etc/goshawk/agent.json'), { force: true });
  await symlink('/var/lib/goshawk-image/agent.json', join(root, 'etc/goshawk/agent.json'));
  await rm(join(root, 'etc/resolv.conf'), { force: true });
  await symlink('/run/systemd/resolve/stub-resolv.conf', join(root, 'etc/resolv.conf'));
}

/** The way in for the owner of the image: by key, as root. Its server is Debian's package. */
async function layLogin(root: string, { recipe, sshKeys }: TreeOptions): Promise<void> {
  await cp(join(recipe, 'ssh'), root, { recursive: true });
  await mkdir(join(root, 'etc/ssh/authorized_keys'), { recursive: true });
  await writeFile(join(root, 'etc/ssh/authorized_keys/root'), authorizedKeys(sshKeys), { mode: 0o644 });
  // Its package made some, which would be the same on every board.
  for (const name of await readdir(join(root, 'etc/ssh')))
    if (/^ssh_host_.*_key(\.pub)?$/.test(name)) await rm(join(root, 'etc/ssh', name));
}

/** The boot loader asks for names without a version. */
async function nameKernel(root: string): Promise<void> {
  const boot = join(root, 'boot');
  const names = await readdir(boot);
  for (const name of ['vmlinuz', 'initrd.img']) {
    const [file, ...more] = names.filter((other) => other.startsWith(`${name}-`));
    if (file === undefined || more.length > 0)
      throw new GoshawkError(
        'image-kernel',
        `The system has ${counted(more.length + (file === undefined ? 0 : 1), 'file')} /boot/${name}-*.`,
        'Name no second kernel with --package.',
      );
    await symlink(file, join(boot, name));
    for (const link of [name, `${name}.old`]) await rm(join(root, link), { force: true });
  }
}

/** What a board does not need, or must not have. */
async function clean(root: string): Promise<void> {
  for (const folder of ['var', 'tmp', 'run', 'etc/apt/sources.list.d', 'etc/apt/preferences.d'])
    for (const name of await readdir(join(root, folder)).catch(() => []))
      await rm(join(root, folder, name), { recursive: true, force: true });
  await rm(join(root, 'etc/apt/sources.list'), { force: true });
  for (const path of ['etc/machine-id', 'etc/hostname']) await chmod(join(root, path), 0o644);
}
