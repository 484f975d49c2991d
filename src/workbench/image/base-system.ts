import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MissingError } from '../../base/index.ts';
import { type AptFile, type Board, mirrorLines, systemPackages } from '../../image/index.ts';
import { digestOf } from '../../platform/index.ts';
import { type RunOptions, run } from './tools.ts';

export interface BaseOptions {
  readonly board: Board;
  readonly release: string;
  readonly components: readonly string[];
  /** Lines for apt; none: those of this machine. */
  readonly mirrors: readonly string[];
  /** Options of apt while the system is made, e.g. `Acquire::http::Proxy "..."`. */
  readonly aptOptions: readonly string[];
  /** What the agent's package depends on and recommends. */
  readonly ofAgent: readonly string[];
  readonly packages: readonly string[];
  /** Takes the base system that a build with the same options left here. */
  readonly reuse: boolean;
}

/** Where the packages of the boot loader lie in the base system until they are taken out. */
export const loaderFolder = 'boot-loader';

/** Debian with a kernel, without anything of ours: a tar. */
export async function makeBaseSystem(work: string, options: BaseOptions, ports: RunOptions): Promise<string> {
  const { board, release } = options;
  const mirrors =
    options.mirrors.length > 0 ? options.mirrors : await ownMirrors(release, options.components);
  const packages = systemPackages(board, options.ofAgent, options.packages);
  const key = digestOf(
    Buffer.from(JSON.stringify([board, release, mirrors, packages, options.aptOptions])),
  ).slice(7, 23);
  const tar = join(work, `base-${board.name}-${key}.tar`);
  if (options.reuse && existsSync(tar)) return tar;
  await mkdir(work, { recursive: true });
  const made = `${tar}.new.tar`;
  await rm(made, { force: true });
  await run(
    'mmdebstrap',
    [
      '--variant=minbase',
      '--mode=root',
      '--format=tar',
      `--architectures=${board.architecture}`,
      `--include=${packages.join(',')}`,
      ...options.aptOptions.map((option) => `--aptopt=${option}`),
      ...[
        '/usr/share/doc/*',
        '/usr/share/man/*',
        '/usr/share/locale/*',
        '/usr/share/info/*',
        '/usr/share/lintian/*',
      ].map((path) => `--dpkgopt=path-exclude=${path}`),
      '--dpkgopt=path-include=/usr/share/doc/*/copyright',
      `--customize-hook=mkdir "$1/${loaderFolder}" && cd "$1/${loaderFolder}" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -q download ${board.loaderPackages.join(' ')}`,
      release,
      made,
      ...mirrors,
    ],
    // The first RAM disk would be made without what is ours in it.
    { ...ports, env: { INITRD: 'No', DEBIAN_FRONTEND: 'noninteractive' } },
  );
  await rename(made, tar);
  return tar;
}

async function ownMirrors(release: string, components: readonly string[]): Promise<readonly string[]> {
  const lines = mirrorLines(await aptFiles(), release, components);
  if (lines.length > 0) return lines;
  throw new MissingError(
    'image-mirrors-missing',
    `This machine has no package mirror of ${release} that could be used for the image.`,
    'Name one with --mirror "deb URI SUITE main", as often as there are lines.',
  );
}

async function aptFiles(): Promise<readonly AptFile[]> {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? (await readdir(folder)).sort().map((name) => join(folder, name)) : [];
  const paths = ['/etc/apt/sources.list', ...names].filter(
    (path) => /\.(list|sources)$/.test(path) && existsSync(path),
  );
  return Promise.all(paths.map(async (name) => ({ name, text: await readFile(name, 'utf8') })));
}
