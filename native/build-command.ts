import { existsSync } from 'node:fs';
import path from 'node:path';

/** From the sources this file is in `native`; from dist it is in `dist/native`. */
const root = ['..', '../..']
  .map((up) => path.join(import.meta.dirname, up))
  .find((folder) => existsSync(path.join(folder, 'native/toolchain.mjs')));

export type Installation = 'checkout' | 'npm' | 'debian';

/** The Debian package brings compiled parts, and no source but that of the plugin for TensorRT. */
export function installation(folder = root): Installation {
  if (folder !== undefined && existsSync(path.join(folder, 'tsconfig.json'))) return 'checkout';
  return folder !== undefined && existsSync(path.join(folder, 'native/build.mjs')) ? 'npm' : 'debian';
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
