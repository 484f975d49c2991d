import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defined, InputError } from '../../base/index.ts';
import { type Board, iwdFile, iwdFileName, wirelessComplaint } from '../../image/index.ts';
import { parseAnchor } from '../../trust/index.ts';
import type { BuildImageOptions } from './options.ts';

/** Files of the EFI system partition: the boot loader, and what the first boot reads. */
export async function efiFiles(
  board: Board,
  recipe: string,
  loader: string,
  options: BuildImageOptions,
): Promise<ReadonlyMap<string, string | Buffer>> {
  const files = new Map<string, string | Buffer>();
  for (const [path, from] of Object.entries(board.loaderFiles))
    files.set(path, await readFile(join(loader, from)));
  const menu = await readFile(join(recipe, 'grub.cfg'), 'utf8');
  files.set('EFI/debian/grub.cfg', menu.replace('@BOARD@', board.name).replace('@CONSOLE@', board.console));
  files.set(
    'goshawk/README.txt',
    `Read once, at the first boot: agent.json, claim.token, root.json, wifi/. See docs/flash.md.\n${
      options.trust === undefined
        ? 'INSECURE: made without roots of a fleet (root.json); the board runs unsigned models.\n'
        : ''
    }`,
  );
  if (options.settings !== undefined) files.set('goshawk/agent.json', await readFile(options.settings));
  if (options.claim !== undefined) files.set('goshawk/claim.token', await readFile(options.claim));
  if (options.trust !== undefined) {
    const roots = await readFile(options.trust);
    // Better now than at the first boot.
    parseAnchor(roots);
    files.set('goshawk/root.json', roots);
  }
  for (const [path, text] of await wirelessFiles(options)) files.set(path, text);
  return files;
}

async function wirelessFiles({
  wifi,
  wifiPasswordFile,
}: BuildImageOptions): Promise<readonly (readonly [string, string])[]> {
  if (wifi === undefined) return [];
  const passphrase =
    wifiPasswordFile === undefined
      ? undefined
      : (await readFile(wifiPasswordFile, 'utf8')).replace(/\r?\n$/, '');
  const wireless = { name: wifi, ...defined({ passphrase }) };
  const complaint = wirelessComplaint(wireless);
  if (complaint !== undefined)
    throw new InputError('image-wireless', complaint, 'Check --wifi and the file of --wifi-password-file.');
  return [[`goshawk/wifi/${iwdFileName(wireless)}`, iwdFile(wireless)]];
}
