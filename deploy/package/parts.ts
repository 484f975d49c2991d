/* Brings together what a package is made of: Node, npm's packages and the native parts, for one processor. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, cpuOf, triples } from './architecture.ts';

export const projectRoot = join(import.meta.dirname, '..', '..');
const work = join(projectRoot, 'build', 'package');

/** What stops the build, told with what to do about it. */
export class PackageError extends Error {}

export interface Parts {
  /** The folder of the npm package with Node in it: `bin/node`, `LICENSE`. */
  readonly node: string;
  /** A folder with `node_modules` as package-lock.json has them for this processor, without development's. */
  readonly modules: string;
  /** The folder `native/build` of a portable build. */
  readonly native: string;
}

/** Debian packages whose programs and headers the build uses, with one file of each. */
function buildDependencies(architecture: Architecture): readonly (readonly [file: string, debian: string])[] {
  return [
    ['/usr/bin/dpkg-deb', 'dpkg'],
    [`/usr/bin/${triples[architecture]}-g++`, architecture === 'amd64' ? 'g++' : 'g++-aarch64-linux-gnu'],
    ['/usr/include/onnxruntime/onnxruntime_c_api.h', 'libonnxruntime-dev'],
    ['/usr/include/dds/ddsi/ddsi_serdata.h', 'cyclonedds-dev'],
    ['/usr/include/fastdds/rtps/RTPSDomain.hpp', 'libfastdds-dev'],
    ['/usr/include/gstreamer-1.0/gst/app/gstappsink.h', 'libgstreamer-plugins-base1.0-dev'],
  ];
}

/** The same list decides everywhere what is in a package; nothing is left out because it was not there. */
export function checkBuildDependencies(architectures: readonly Architecture[]): void {
  const missing = architectures
    .flatMap(buildDependencies)
    .filter(([file]) => !existsSync(file))
    .map(([, debian]) => debian);
  if (missing.length === 0) return;
  throw new PackageError(
    `Missing on this machine: ${[...new Set(missing)].join(', ')}.\nOn Debian 13: sudo apt-get install ${[...new Set(missing)].join(' ')}`,
  );
}

/** What container images are made with beside that. */
export function checkImageTools(): void {
  const missing = Object.entries({ '/usr/bin/mmdebstrap': 'mmdebstrap', '/usr/bin/tar': 'tar' })
    .filter(([file]) => !existsSync(file))
    .map(([, debian]) => debian);
  if (missing.length === 0) return;
  throw new PackageError(
    `Images need ${missing.join(', ')}.\nOn Debian 13: sudo apt-get install ${missing.join(' ')}`,
  );
}

export function prepareParts(architecture: Architecture): Parts {
  const node = join(work, `node-${architecture}`);
  installPackages(architecture, node, join(import.meta.dirname, 'node'), []);
  const modules = join(work, `modules-${architecture}`);
  installPackages(architecture, modules, projectRoot, ['--omit=dev']);
  const nodePackage = join(node, 'node_modules', `node-linux-${cpuOf(architecture)}`);
  return { node: nodePackage, modules, native: buildNative(architecture) };
}

/** `npm ci` for another processor where need be. Once per lock file. */
function installPackages(
  architecture: Architecture,
  target: string,
  from: string,
  flags: readonly string[],
): void {
  const lock = readFileSync(join(from, 'package-lock.json'), 'utf8');
  const stamp = join(target, '.lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(from, file), join(target, file));
  const platform = ['--os=linux', `--cpu=${cpuOf(architecture)}`, '--libc=glibc'];
  run(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...platform, ...flags],
    target,
  );
  writeFileSync(stamp, lock);
}

/** Of the folder `native`: what compiles it, and what is compiled. */
export const nativeSources = [
  'build.mjs',
  'compile.mjs',
  'parts.mjs',
  'targets.mjs',
  'toolchain.mjs',
  'src',
  'plugins',
];

/** In a folder of its own, so that a developer's build stays as it is. */
function buildNative(architecture: Architecture): string {
  const folder = join(work, `native-${architecture}`);
  for (const name of nativeSources) {
    rmSync(join(folder, name), { recursive: true, force: true });
    cpSync(join(projectRoot, 'native', name), join(folder, name), { recursive: true });
  }
  const compiler = `${triples[architecture]}-g++`;
  run(
    process.execPath,
    [join(folder, 'build.mjs'), '--required', '--portable', `--arch=${cpuOf(architecture)}`],
    folder,
    { CXX: compiler },
  );
  const report = JSON.parse(readFileSync(join(folder, 'build', 'report.json'), 'utf8')) as {
    readonly items: readonly { readonly name: string; readonly state: string; readonly detail: string }[];
  };
  const failed = report.items.filter(({ name, state }) => state !== 'compiled' && name !== 'tensorrt');
  if (failed.length > 0) {
    const lines = failed.map(({ name, detail }) => `${name}: ${detail}`);
    throw new PackageError(`Native parts were not built for ${architecture}:\n${lines.join('\n')}`);
  }
  return join(folder, 'build');
}

/** Its output goes to stderr. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): void {
  const result = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } });
  if (result.status === 0) return;
  const how = result.error?.message ?? `exit status ${result.status ?? result.signal}`;
  throw new PackageError(`${program} ${args.join(' ')}: ${how}`);
}
