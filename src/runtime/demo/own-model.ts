import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MissingError } from '../../base/index.ts';

/** A model of the project's own: in the checkout and in the installed package, from source and from dist. */
export function ownModel(name: string): string {
  for (const up of ['../../../../', '../../../']) {
    const folder = fileURLToPath(new URL(join(up, 'models', name), import.meta.url));
    if (existsSync(join(folder, 'manifest.json'))) return folder;
  }
  throw new MissingError(
    'model-missing',
    `The project's own model ${name} is not in this installation.`,
    'Name a bundle with --model.',
  );
}
