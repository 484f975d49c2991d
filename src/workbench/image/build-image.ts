import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, MissingError } from '../../base/index.ts';
import {
  type Board,
  boardNames,
  boardOf,
  buildPrograms,
  efiBytes,
  labels,
  layoutOf,
  roundUp,
} from '../../image/index.ts';
import { digestFile } from '../../platform/index.ts';
import { goshawkVersion } from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';
import { makeBaseSystem } from './base-system.ts';
import { assembleDisk, makeEfiFile, makeRootFile } from './disk.ts';
import { inspectRoot } from './inspect-root.ts';
import { makeRootTree } from './root-tree.ts';
import { type RunOptions, requirePrograms } from './tools.ts';
import { makeUpdateBundle, type SigningKey, throwAwayKey } from './update-bundle.ts';

export interface BuildImageOptions {
  readonly board: string;
  readonly out: string;
  /** goshawk-agent_*.deb */
  readonly agent: string;
  readonly model?: string;
  readonly settings?: string;
  readonly claim?: string;
  readonly updateKey?: string;
  readonly updateCert?: string;
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

export interface BuiltImage {
  readonly image: string;
  readonly bytes: number;
  readonly digest: string;
  readonly update: string;
  readonly rootFiles: number;
  readonly rootBytes: number;
  /** Seconds of each step. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly signedBy: 'given' | 'throw-away';
}

/** A whole image for a card, and the signed update with the same system. */
export async function buildImage(options: BuildImageOptions, ports: WorkPorts): Promise<BuiltImage> {
  const board = checkOptions(options);
  requirePrograms(buildPrograms);
  if (process.getuid?.() !== 0)
    throw new InputError(
      'image-needs-root',
      'An image is made of files that belong to root.',
      'Run it as root: sudo goshawk image build ...',
    );
  const work = resolve(options.work);
  const recipe = recipeFolder();
  const version = goshawkVersion();
  const seconds: Record<string, number> = {};
  const progress = await ports.startProgress('image', 6);
  const quiet = { signal: ports.signal, onLine: (line: string) => ports.log.debug(line) };
  const step = async <T>(name: string, action: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    progress.advance(0, name);
    const result = await action();
    seconds[name] = Math.round((performance.now() - began) / 100) / 10;
    progress.advance(1, name);
    return result;
  };
  try {
    const signing = await signingKey(options, ports, quiet);
    const base = await step('base system', () =>
      makeBaseSystem(
        work,
        {
          ...options,
          board,
          mirrors: options.mirror,
          aptOptions: options.aptOption,
          packages: options.package,
          reuse: options.reuseBase === true,
        },
        quiet,
      ),
    );
    const root = join(work, `root-${board.name}`);
    const loader = await step('agent and settings', () =>
      makeRootTree(
        root,
        base,
        {
          board,
          recipe,
          agentPackage: resolve(options.agent),
          keyring: signing.certificate,
          version,
          ntp: options.ntp,
          ...(options.model === undefined ? {} : { model: resolve(options.model) }),
        },
        quiet,
      ),
    );
    const size = await step('inspection', () => inspectRoot(root));
    const seed = (await digestFile(options.agent)).digest;
    const layout = layoutOf(options.slotMegabytes * 2 ** 20);
    const rootFile = join(work, `root-${board.name}.img`);
    await step('root file system', () =>
      makeRootFile(
        root,
        rootFile,
        rootBytes(size.bytes, size.files, options.slotMegabytes),
        seed,
        epochSeconds(),
        quiet,
      ),
    );
    const efi = join(work, `efi-${board.name}.img`);
    const image = resolve(options.out);
    await step('disk', async () => {
      await makeEfiFile(
        `${efi}.files`,
        efi,
        efiBytes,
        seed,
        await efiFiles(board, recipe, loader, options),
        quiet,
      );
      await mkdir(dirname(image), { recursive: true });
      await assembleDisk(image, layout, seed, { [labels.efi]: efi, [labels.rootA]: rootFile }, quiet);
    });
    const update = image.replace(/(\.img)?$/, '.raucb');
    await step('update', () =>
      makeUpdateBundle(update, join(work, `update-${board.name}`), rootFile, board, version, signing, quiet),
    );
    await rm(efi, { force: true });
    return {
      image,
      bytes: layout.bytes,
      digest: (await digestFile(image)).digest,
      update,
      rootFiles: size.files,
      rootBytes: size.bytes,
      seconds,
      signedBy: signing.throwAway ? 'throw-away' : 'given',
    };
  } finally {
    progress.stop();
  }
}

function checkOptions(options: BuildImageOptions): Board {
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
    options.updateKey,
    options.updateCert,
  ]) {
    if (path !== undefined && !existsSync(path))
      throw new MissingError('image-file-missing', `There is no ${path}.`, 'Check the path.');
  }
  if (!options.agent.endsWith(`_${board.architecture}.deb`))
    throw new InputError(
      'image-wrong-board',
      `${options.agent} is not for ${board.name}, whose processor is ${board.architecture}.`,
      `Give goshawk-agent_..._${board.architecture}.deb with --agent; \`npm run package\` makes it.`,
    );
  return board;
}

async function signingKey(
  options: BuildImageOptions,
  ports: WorkPorts,
  quiet: RunOptions,
): Promise<SigningKey> {
  if (options.updateKey !== undefined && options.updateCert !== undefined)
    return { key: resolve(options.updateKey), certificate: resolve(options.updateCert), throwAway: false };
  if (options.updateKey !== undefined || options.updateCert !== undefined)
    throw new InputError(
      'image-half-a-key',
      'A key without its certificate signs nothing.',
      'Give both --update-key and --update-cert.',
    );
  const signing = await throwAwayKey(dirname(resolve(options.out)), quiet);
  ports.log.warn(
    `UPDATES OF THIS IMAGE ARE SIGNED WITH A KEY MADE JUST NOW: ${signing.key}. Whoever has it can change every board with this image, and without it no board takes an update. Not for a fleet: give --update-key and --update-cert.`,
  );
  return signing;
}

/** With room for the file system's own tables. */
function rootBytes(bytes: number, files: number, slotMegabytes: number): number {
  const needed = roundUp(bytes * 1.04 + files * 512 + 2 ** 24);
  if (needed <= slotMegabytes * 2 ** 20) return needed;
  throw new InputError(
    'image-slot-too-small',
    `The system needs ${Math.ceil(needed / 2 ** 20)} MiB, the slot has ${slotMegabytes}.`,
    'Give a larger --slot-megabytes, with room for the updates to come.',
  );
}

async function efiFiles(
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
    'Read once, at the first boot: agent.json, claim.token, wifi/. See docs/flash.md.\n',
  );
  if (options.settings !== undefined) files.set('goshawk/agent.json', await readFile(options.settings));
  if (options.claim !== undefined) files.set('goshawk/claim.token', await readFile(options.claim));
  return files;
}

function epochSeconds(): number {
  const { SOURCE_DATE_EPOCH } = process.env;
  return Number(SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1000));
}

/** deploy/image, which lies above src/workbench/image in a checkout and above dist/src/workbench/image when installed. */
function recipeFolder(): string {
  const [found] = ['../../../deploy/image', '../../../../deploy/image']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .filter((path) => existsSync(join(path, 'grub.cfg')));
  if (found !== undefined) return found;
  throw new MissingError(
    'image-recipe-missing',
    'The recipe of images is not in this installation.',
    'Build images from a checkout, or install Goshawk anew.',
  );
}
