import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { defined, InputError } from '../../base/index.ts';
import {
  type Board,
  buildPrograms,
  efiBytes,
  firstChoices,
  type Layout,
  labels,
  layoutOf,
  roundUp,
  type SshKey,
  sectorBytes,
  type TriedParts,
} from '../../image/index.ts';
import type { Bundle } from '../../model/index.ts';
import { digestFile, signFiles } from '../../platform/index.ts';
import { goshawkVersion } from '../../runtime/index.ts';
import { debianComponent } from '../../sbom/index.ts';
import type { WorkPorts } from '../ports.ts';
import { makeBaseSystem } from './base-system.ts';
import { agentComponents, imageBill, writeBlockMap } from './beside.ts';
import { assembleDisk, makeEfiFile, makeRootFile } from './disk.ts';
import { efiFiles } from './efi-files.ts';
import { inspectRoot } from './inspect-root.ts';
import { type BuildImageOptions, checkOptions, recipeFolder, sshKeysIn } from './options.ts';
import { writeImageProvenance } from './provenance.ts';
import { makeRootTree } from './root-tree.ts';
import { type RunOptions, requirePrograms, run } from './tools.ts';
import { expectParts, tryParts } from './try-parts.ts';
import { makeUpdateBundle, signingKey } from './update-bundle.ts';

const insecureImage =
  'INSECURE: a board with this image has no roots of a fleet; it runs every model that it is ordered to (--insecure)';

/** Whether a board with the image has roots of a fleet. */
type ImageTrust = 'roots' | 'insecure';

export interface BuiltImage {
  readonly image: string;
  readonly bytes: number;
  /** Of the file, compressed or not. */
  readonly digest: string;
  readonly update: string;
  readonly map: string;
  readonly partsList: string;
  /** How it came about: an in-toto statement. */
  readonly provenance: string;
  /** Of the files above, one beside each; none without a key. */
  readonly signatures: readonly string[];
  readonly rootFiles: number;
  readonly rootBytes: number;
  /** Seconds of each step. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly signedBy: 'given' | 'throw-away';
  /** Fingerprints of the keys with which root can log in; none: nobody can. */
  readonly logins: readonly string[];
  /** `insecure`: a board with this image has no roots, and runs what nobody signed. */
  readonly trust: ImageTrust;
  /** What was tried in its root file system: the words of what failed, '' where it works. */
  readonly parts: TriedParts;
}

/** What every step of a build needs. */
interface Build {
  readonly options: BuildImageOptions;
  readonly board: Board;
  readonly work: string;
  readonly version: string;
  /** Without the end `.zst`. */
  readonly image: string;
  readonly quiet: RunOptions;
  readonly step: <T>(name: string, action: () => Promise<T>) => Promise<T>;
}

/** A whole image for a card, and the signed update with the same system. */
export async function buildImage(options: BuildImageOptions, ports: WorkPorts): Promise<BuiltImage> {
  const board = checkOptions(options);
  const sshKeys = sshKeysIn(options);
  requirePrograms(buildPrograms);
  if (process.getuid?.() !== 0)
    throw new InputError(
      'image-needs-root',
      'An image is made of files that belong to root.',
      'Run it as root: sudo goshawk image build ...',
    );
  const seconds: Record<string, number> = {};
  const progress = await ports.startProgress('image', 8);
  const build: Build = {
    options,
    board,
    work: resolve(options.work),
    version: options.imageVersion ?? goshawkVersion(),
    image: resolve(options.out).replace(/\.zst$/, ''),
    quiet: { signal: ports.signal, onLine: (line) => ports.log.debug(line) },
    step: async (name, action) => {
      const began = performance.now();
      progress.advance(0, name);
      const result = await action();
      seconds[name] = Math.round((performance.now() - began) / 100) / 10;
      progress.advance(1, name);
      return result;
    },
  };
  try {
    // Refused before the work, where the bundle is damaged.
    const model = options.model === undefined ? undefined : await readBundle(options.model, 'digests');
    const trust = options.trust === undefined ? 'insecure' : 'roots';
    if (trust === 'insecure') ports.log.warn(insecureImage);
    const signing = await signingKey(options, ports.log, build.quiet);
    const tree = await makeTree(build, signing.certificate, sshKeys);
    const disk = await makeDisk(build, tree);
    const update = build.image.replace(/(\.img)?$/, '.raucb');
    await build.step('update', () =>
      makeUpdateBundle(
        update,
        join(build.work, `update-${board.name}`),
        disk.rootFile,
        board,
        build.version,
        signing,
        build.quiet,
      ),
    );
    const finished = await build.step('map and lists', () => finish(build, tree, disk, model, trust, update));
    return {
      ...finished,
      parts: tree.tried,
      update,
      bytes: disk.layout.bytes,
      rootFiles: tree.files,
      rootBytes: tree.bytes,
      seconds,
      signedBy: signing.throwAway ? 'throw-away' : 'given',
      logins: sshKeys.map(fingerprint),
    };
  } finally {
    progress.stop();
  }
}

type Tree = Awaited<ReturnType<typeof makeTree>>;

/** What the agent's package depends on and recommends: a board has no way to get it later. */
async function packagesOfAgent(file: string, ports: RunOptions): Promise<readonly string[]> {
  const field = (name: string) => run('dpkg-deb', ['--field', file, name], ports);
  return [...firstChoices(await field('Depends')), ...firstChoices(await field('Recommends'))];
}

async function makeTree(
  { options, board, work, version, quiet, step }: Build,
  keyring: string,
  sshKeys: readonly SshKey[],
) {
  const ofAgent = await packagesOfAgent(options.agent, quiet);
  const base = await step('base system', () =>
    makeBaseSystem(
      work,
      {
        ...options,
        board,
        mirrors: options.mirror,
        aptOptions: options.aptOption,
        ofAgent,
        packages: [...options.package, ...(sshKeys.length > 0 ? ['openssh-server'] : [])],
        reuse: options.reuseBase === true,
      },
      quiet,
    ),
  );
  const root = join(work, `root-${board.name}`);
  const made = await step('agent and settings', () =>
    makeRootTree(
      root,
      base,
      {
        board,
        recipe: recipeFolder(),
        agentPackage: resolve(options.agent),
        keyring,
        version,
        ntp: options.ntp,
        sshKeys,
        ...(options.model === undefined ? {} : { model: resolve(options.model) }),
      },
      quiet,
    ),
  );
  const tried = await step('parts', () => tryParts(root, quiet));
  if (options.settings !== undefined) await expectParts(tried, options.settings);
  return { root, ...made, tried, ...(await step('inspection', () => inspectRoot(root))) };
}

type Disk = Awaited<ReturnType<typeof makeDisk>>;

async function makeDisk({ options, board, work, image, quiet, step }: Build, tree: Tree) {
  const seed = (await digestFile(options.agent)).digest;
  const layout = layoutOf(options.slotMegabytes * 2 ** 20);
  const rootFile = join(work, `root-${board.name}.img`);
  const fileBytes = rootBytes(tree, options.slotMegabytes);
  await step('root file system', () =>
    makeRootFile(tree.root, rootFile, fileBytes, seed, epochSeconds(), quiet),
  );
  await step('disk', async () => {
    const efi = join(work, `efi-${board.name}.img`);
    await makeEfiFile(
      `${efi}.files`,
      efi,
      efiBytes,
      seed,
      await efiFiles(board, recipeFolder(), tree.loader, options),
      epochSeconds(),
      quiet,
    );
    await mkdir(dirname(image), { recursive: true });
    await assembleDisk(image, layout, seed, { [labels.efi]: efi, [labels.rootA]: rootFile }, quiet);
    await rm(efi);
    // Claim and password of a network are in there.
    await rm(`${efi}.files`, { recursive: true });
  });
  return { layout, rootFile, fileBytes };
}

/** What has to be on a card: the table, the loader, the file system of slot A, the copy of the table. */
function writtenParts({ partitions, bytes }: Layout, rootFileBytes: number) {
  const tail = 34 * sectorBytes + 4096 - ((34 * sectorBytes) % 4096);
  const of = (label: string, most = Number.POSITIVE_INFINITY) =>
    partitions
      .filter((partition) => partition.label === label)
      .map((partition) => ({ startByte: partition.startByte, bytes: Math.min(partition.bytes, most) }));
  return [
    { startByte: 0, bytes: partitions[0]?.startByte ?? 0 },
    ...of(labels.efi),
    ...of(labels.rootA, rootFileBytes),
    { startByte: bytes - tail, bytes: tail },
  ];
}

async function finish(
  { options, image, board, version, quiet }: Build,
  tree: Tree,
  disk: Disk,
  model: Bundle | undefined,
  trust: ImageTrust,
  update: string,
) {
  const map = await writeBlockMap(image, disk.layout.bytes, writtenParts(disk.layout, disk.fileBytes));
  const { digest: imageDigest } = await digestFile(image);
  const partsList = `${image}.cdx.json`;
  await writeFile(
    partsList,
    imageBill({
      image: { name: basename(image), version, digest: imageDigest },
      createdAt: new Date(epochSeconds() * 1000).toISOString(),
      trust,
      debian: tree.debian.map((one) => debianComponent(one, options.release)),
      agent: await agentComponents(join(tree.root, 'usr/lib/goshawk-agent')),
      ...defined({ model }),
    }),
  );
  const file = options.out.endsWith('.zst') ? `${image}.zst` : image;
  if (file !== image) await run('zstd', ['-q', '-f', '--rm', '-T0', '-6', image, '-o', file], quiet);
  const { digest } = file === image ? { digest: imageDigest } : await digestFile(file);
  await writeFile(`${file}.sha256`, `${digest.replace(/^sha256:/, '')}  ${basename(file)}\n`);
  const provenance = await writeImageProvenance(image, { subjects: [file, update], partsList }, options);
  const { signKey } = options;
  const signatures =
    signKey === undefined ? [] : await signFiles([file, update, map, partsList, provenance], signKey);
  return { image: file, digest, map, partsList, provenance, signatures, board: board.name, trust };
}

/** As ssh-keygen writes it. */
function fingerprint({ type, blob, comment }: SshKey): string {
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
  return `${type} SHA256:${digest} ${comment}`.trim();
}

/** With room for the file system's own tables. */
function rootBytes({ bytes, files }: Tree, slotMegabytes: number): number {
  const needed = roundUp(bytes * 1.04 + files * 512 + 2 ** 24);
  if (needed <= slotMegabytes * 2 ** 20) return needed;
  throw new InputError(
    'image-slot-too-small',
    `The system needs ${Math.ceil(needed / 2 ** 20)} MiB, the slot has ${slotMegabytes}.`,
    'Give a larger --slot-megabytes, with room for the updates to come.',
  );
}

function epochSeconds(): number {
  const { SOURCE_DATE_EPOCH } = process.env;
  return Number(SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1000));
}
