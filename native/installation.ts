import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** From the sources this file is in `native`; from dist it is in `dist/native`. */
const root =
  ['..', '../..']
    .map((up) => path.join(import.meta.dirname, up))
    .find((folder) => existsSync(path.join(folder, 'native/toolchain.mjs'))) ??
  path.join(import.meta.dirname, '..');

export type Installation = 'checkout' | 'npm' | 'debian';

/** The Debian package brings its own Node and compiled parts. */
export function installation(folder = root): Installation {
  if (existsSync(path.join(folder, 'tsconfig.json'))) return 'checkout';
  return existsSync(path.join(folder, 'bin/node')) ? 'debian' : 'npm';
}

const commands = {
  checkout: 'npm run build:native',
  npm: 'goshawk native build',
  debian: 'sudo goshawk native build',
} as const satisfies Record<Installation, string>;

/** What a person types to compile native parts on this machine. */
export function buildCommand(folder = root): string {
  return commands[installation(folder)];
}

/** The folder `native` with what is compiled and what compiles it. */
export const nativeFolder = path.join(root, 'native');

/** Where a build in place, or the package, has its report and, in `out`, what was compiled. */
export const buildFolder = path.join(nativeFolder, 'build');

/** Where `goshawk native build` puts what it compiles on the machine of an installed package. */
export const boardFolder = process.env.GOSHAWK_PLUGINS ?? '/usr/local/lib/goshawk';

/** What compiles native parts on this machine, for a process of its own: in place, or beside a package. */
export function nativeBuild(folder = root): readonly string[] {
  const script = path.join(folder, 'native/build.mjs');
  return installation(folder) === 'debian' ? [script, `--board=${boardFolder}`] : [script];
}

/** Of Goshawk itself; what was compiled on a board for another one does not fit. */
export function ownVersion(folder = root): string | undefined {
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    readonly version?: string;
  };
  return version;
}
