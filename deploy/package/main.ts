/*
 * Makes the Debian packages; `npm run package` comes here once the project is built.
 *
 *   npm run package -- [--arch amd64,arm64] [--only goshawk-agent] [--out DIR] [--version V[,V]] [--quick] [--oci [--package NAME]] [--sign-key KEY] [--apt-key KEY]
 *
 *   --quick  for tests: larger files in less time
 *   --version  several, for tests of upgrades: the same program under each
 *   --oci    container images beside the packages (needs mmdebstrap); --oci-only: nothing else
 *   --package  one more package of Debian in the images, any number of times
 *   --sign-key KEY  an SSH key; each file gets a signature beside it, FILE.sig
 *   --apt-key KEY   an OpenPGP key that gpg has: the folder of the packages becomes an apt repository
 *
 * Settings: SOURCE_DATE_EPOCH (default: the time of the last commit), DEBFULLNAME and DEBEMAIL (the maintainer).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GoshawkError } from '../../src/base/index.ts';
import { expectSigningKey, signFiles } from '../../src/platform/index.ts';
import { expectAptKey, makeAptRepository } from './apt-repository.ts';
import { type Architecture, architectures } from './architecture.ts';
import { buildDeb } from './debian.ts';
import { buildImage, type LaidTree } from './oci/build-image.ts';
import { type PackageDefinition, packages } from './packages.ts';
import {
  checkBuildDependencies,
  checkImageTools,
  PackageError,
  type Parts,
  prepareParts,
  projectRoot,
} from './parts.ts';
import { subjectOf, writeProvenance } from './provenance.ts';
import { type Facts, layTree } from './tree.ts';

const { values: options } = parseArgs({
  options: {
    arch: { type: 'string', default: architectures.join(',') },
    only: { type: 'string' },
    version: { type: 'string' },
    quick: { type: 'boolean', default: false },
    oci: { type: 'boolean', default: false },
    'oci-only': { type: 'boolean', default: false },
    package: { type: 'string', multiple: true, default: [] },
    'sign-key': { type: 'string' },
    'apt-key': { type: 'string' },
    out: { type: 'string', default: join(projectRoot, 'build/packages') },
  },
});

const say = (line: string) => process.stdout.write(`${line}\n`);

function chosenArchitectures(): readonly Architecture[] {
  const names = options.arch.split(',');
  const chosen = architectures.filter((name) => names.includes(name));
  if (chosen.length === names.length) return chosen;
  throw new PackageError(`--arch takes ${architectures.join(' and ')}, not ${options.arch}.`);
}

function factsOfVersions(): readonly Facts[] {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const { DEBFULLNAME = 'Goshawk', DEBEMAIL = 'goshawk@goshawk.example', SOURCE_DATE_EPOCH } = process.env;
  const epochSeconds = Number(SOURCE_DATE_EPOCH ?? lastCommitSeconds());
  const maintainer = `${DEBFULLNAME} <${DEBEMAIL}>`;
  return (options.version ?? version).split(',').map((one) => ({ version: one, epochSeconds, maintainer }));
}

function lastCommitSeconds(): string {
  try {
    return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: projectRoot, encoding: 'utf8' }).trim();
  } catch {
    throw new PackageError(
      'There is no git history to take the time of the files from: set SOURCE_DATE_EPOCH.',
    );
  }
}

function makeDeb(
  root: string,
  definition: PackageDefinition,
  architecture: Architecture,
  all: Facts,
  parts: Parts,
): readonly string[] {
  const compression = options.quick ? 'quick' : 'small';
  const file = buildDeb(root, resolve(options.out), definition, all, architecture, compression);
  const parameters = { ...{ package: definition.name, architecture, compression }, ...all };
  const subjects = [subjectOf(file)];
  say(`${file} ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  return [file, writeProvenance(file, { what: 'package', subjects, parts, parameters })];
}

/** The layout is a folder: the statement has its digest, and that which a registry shows. */
function makeImage(
  definition: PackageDefinition,
  facts: Facts,
  laid: readonly LaidTree[],
  parts: Parts,
): readonly string[] {
  const added = options.package;
  const folder = buildImage(resolve(options.out), definition, facts, laid, added);
  const index = join(folder, 'index.json');
  const [{ digest }] = JSON.parse(readFileSync(index, 'utf8')).manifests as [{ readonly digest: string }];
  const name = basename(folder);
  const subjects = [
    { name: definition.name, digest: { sha256: digest.replace(/^sha256:/, '') } },
    { ...subjectOf(index), name: `${name}/index.json` },
  ];
  const architectures = laid.map(({ architecture }) => architecture);
  const parameters = { ...{ package: definition.name, architectures, added }, ...facts };
  say(folder);
  return [
    ...architectures.map((architecture) => `${folder}.${architecture}.cdx.json`),
    writeProvenance(folder, { what: 'container', subjects, parts, parameters }),
  ];
}

try {
  const chosen = packages.filter(({ name }) => options.only === undefined || name === options.only);
  if (chosen.length === 0)
    throw new PackageError(`--only takes ${packages.map(({ name }) => name).join(' or ')}.`);
  const versions = factsOfVersions();
  checkBuildDependencies(chosenArchitectures());
  const images = options.oci || options['oci-only'];
  if (images) checkImageTools();
  if (images && versions.length > 1) throw new PackageError('Images are made of one --version at a time.');
  const key = options['sign-key'];
  expectSigningKey(key);
  const aptKey = options['apt-key'];
  if (aptKey !== undefined) expectAptKey(aptKey);
  const trees = new Map<PackageDefinition, LaidTree[]>();
  const written: string[] = [];
  let parts: Parts | undefined;
  for (const architecture of chosenArchitectures()) {
    parts = prepareParts(architecture);
    for (const definition of chosen) {
      const root = join(projectRoot, 'build/package', `${definition.name}-${architecture}`);
      for (const facts of versions) {
        layTree(root, definition, parts, facts, architecture);
        if (!options['oci-only']) written.push(...makeDeb(root, definition, architecture, facts, parts));
      }
      if (images) trees.set(definition, [...(trees.get(definition) ?? []), { architecture, root }]);
    }
  }
  const [facts] = versions as [Facts];
  for (const [definition, laid] of trees)
    if (parts !== undefined) written.push(...makeImage(definition, facts, laid, parts));
  if (key !== undefined) for (const file of await signFiles(written, key)) say(file);
  if (aptKey !== undefined) for (const file of makeAptRepository(resolve(options.out), aptKey)) say(file);
} catch (error) {
  if (!(error instanceof PackageError || error instanceof GoshawkError)) throw error;
  process.stderr.write(`${error.message}${error instanceof GoshawkError ? `\n${error.remedy}` : ''}\n`);
  process.exitCode = 1;
}
