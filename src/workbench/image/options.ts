import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, MissingError } from '../../base/index.ts';
import { type Board, boardNames, boardOf, readSshKeys, type SshKey } from '../../image/index.ts';
import { expectSigningKey } from '../../platform/index.ts';

export interface BuildImageOptions {
  readonly board: string;
  readonly out: string;
  /** goshawk-agent_*.deb */
  readonly agent: string;
  readonly model?: string;
  readonly settings?: string;
  readonly claim?: string;
  /** The roots of the fleet: goshawk keys anchor. */
  readonly trust?: string;
  /** Without the roots, said on purpose. */
  readonly insecure?: boolean;
  /** Name of a wireless network. */
  readonly wifi?: string;
  readonly wifiPasswordFile?: string;
  readonly updateKey?: string;
  readonly updateCert?: string;
  /** Of OpenSSH; signs the files of the build for who gets them. */
  readonly signKey?: string;
  /** Of the system; default: that of this program. */
  readonly imageVersion?: string;
  /** Public keys of who may log in. */
  readonly sshKey?: string;
  readonly release: string;
  readonly components: readonly string[];
  readonly mirror: readonly string[];
  readonly aptOption: readonly string[];
  readonly package: readonly string[];
  readonly ntp: readonly string[];
  readonly slotMegabytes: number;
  readonly work: string;
  readonly reuseBase?: boolean;
}

export function checkOptions(options: BuildImageOptions): Board {
  const board = boardOf(options.board);
  if (board === undefined)
    throw new InputError(
      'image-board-unknown',
      `There is no board ${options.board}.`,
      `Known are ${boardNames.join(', ')}.`,
    );
  for (const path of [
    options.agent,
    options.model,
    options.settings,
    options.claim,
    options.trust,
    options.updateKey,
    options.updateCert,
    options.wifiPasswordFile,
    options.sshKey,
  ]) {
    if (path !== undefined && !existsSync(path))
      throw new MissingError('image-file-missing', `There is no ${path}.`, 'Check the path.');
  }
  expectSigningKey(options.signKey);
  expectRoots(options);
  expectVersion(options);
  if (!options.agent.endsWith(`_${board.architecture}.deb`))
    throw new InputError(
      'image-wrong-board',
      `${options.agent} is not for ${board.name}, whose processor is ${board.architecture}.`,
      `Give goshawk-agent_..._${board.architecture}.deb with --agent; \`npm run package\` makes it.`,
    );
  return board;
}

/** It becomes that of a release. */
function expectVersion({ imageVersion = '0' }: BuildImageOptions): void {
  if (/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/.test(imageVersion)) return;
  throw new InputError(
    'image-version',
    `"${imageVersion}" cannot be the version of an image.`,
    'Write up to 64 letters, digits, dots, pluses and hyphens, e.g. --image-version 0.2.0+2026-12.',
  );
}

/** Who may log in; none, where no file is given. */
export function sshKeysIn({ sshKey }: Pick<BuildImageOptions, 'sshKey'>): readonly SshKey[] {
  if (sshKey === undefined) return [];
  const keys = readSshKeys(readFileSync(sshKey, 'utf8'));
  if (typeof keys !== 'string') return keys;
  throw new InputError(
    'image-ssh-key',
    `${sshKey} cannot be used. ${keys}`,
    'Give the public key, e.g. ~/.ssh/id_ed25519.pub; `ssh-keygen -t ed25519` makes a pair.',
  );
}

/** A board without roots runs every model that it is told to: nobody makes one by leaving an option out. */
function expectRoots({ trust, settings, insecure = false }: BuildImageOptions): void {
  if (trust === undefined && !insecure)
    throw new InputError(
      'image-no-roots',
      'A board with this image would run every model that it is ordered to, because you give no roots of the fleet.',
      'Give them with --trust (goshawk keys anchor writes them), or say --insecure for a laboratory.',
    );
  if (trust !== undefined && insecure)
    throw new InputError(
      'image-insecure',
      '--trust and --insecure exclude each other.',
      'Leave --insecure out: with the roots the board runs only what is signed.',
    );
  if (trust !== undefined && settings !== undefined && saysInsecure(readFileSync(settings, 'utf8')))
    throw new InputError(
      'image-insecure',
      `${settings} says trust.mode "insecure", so the board would run every model that it is ordered to in spite of --trust.`,
      'Remove trust.mode from the settings, or leave --trust out and say --insecure for a laboratory.',
    );
}

/** What is wrong with settings otherwise is said where they are read. */
function saysInsecure(settings: string): boolean {
  try {
    return (JSON.parse(settings) as { trust?: { mode?: unknown } } | null)?.trust?.mode === 'insecure';
  } catch {
    return false;
  }
}

/** deploy/image, which lies above src/workbench/image in a checkout and above dist/src/workbench/image when installed. */
export function recipeFolder(): string {
  const [found] = ['../../../deploy/image', '../../../../deploy/image']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .filter((path) => existsSync(join(path, 'grub.cfg')));
  if (found !== undefined) return found;
  throw new MissingError(
    'image-recipe-missing',
    'The recipe of images is not in this installation.',
    'Build images from a checkout, or reinstall Goshawk.',
  );
}
