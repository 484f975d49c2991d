import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { howToInstall, type Place } from '../base/index.ts';

/** Written by the builders of containers and boards, at the root of the program: `{"place":"container"}`. */
export const placeFile = 'place.json';

/** From the sources the root is two folders up; from dist, and in a package, three. */
const root = ['../..', '../../..']
  .map((up) => join(import.meta.dirname, up))
  .find((folder) => existsSync(join(folder, 'native/toolchain.mjs')));

/** Where this program is installed. */
export function placeOf(folder = root): Place {
  if (folder === undefined) return 'npm';
  if (existsSync(join(folder, 'tsconfig.json'))) return 'checkout';
  // What was packaged brings its own Node.
  if (!existsSync(join(folder, 'bin/node'))) return 'npm';
  return builtPlace(join(folder, placeFile)) ?? 'debian';
}

function builtPlace(file: string): Place | undefined {
  if (!existsSync(file)) return undefined;
  const { place } = JSON.parse(readFileSync(file, 'utf8')) as { readonly place?: unknown };
  return place === 'container' || place === 'board' ? place : undefined;
}

/** How to get Debian's packages here: a sentence of a remedy. */
export function installRemedy(packages: string, ofUbuntu = packages): string {
  return howToInstall(packages, placeOf(), ofUbuntu);
}
