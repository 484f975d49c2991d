import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nativeBuildOf } from '../src/base/index.ts';
import { placeOf } from '../src/platform/index.ts';

/** From the sources this file is in `native`; from dist it is in `dist/native`. */
const root =
  ['..', '../..']
    .map((up) => path.join(import.meta.dirname, up))
    .find((folder) => existsSync(path.join(folder, 'native/toolchain.mjs'))) ??
  path.join(import.meta.dirname, '..');

/** Whether native parts are compiled where they lie, and did not come compiled. */
export function compilesInPlace(folder = root): boolean {
  return ['checkout', 'npm'].includes(placeOf(folder));
}

/** What a person types to compile native parts for this machine. */
export function buildCommand(folder = root): string {
  return nativeBuildOf(placeOf(folder));
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
  return compilesInPlace(folder) ? [script] : [script, `--board=${boardFolder}`];
}

/** Of Goshawk itself; what was compiled on a board for another one does not fit. */
export function ownVersion(folder = root): string | undefined {
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    readonly version?: string;
  };
  return version;
}
