/* Lays the files of one package out below a folder, as they will lie below / on the machine. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { abiComplaints } from './abi.ts';
import { type Architecture, cpuOf, triples } from './architecture.ts';
import { bundledParts, noticeTexts, withoutNotice } from './bundled.ts';
import { copyright, licenseComplaints } from './copyright.ts';
import { isElf, readElf } from './elf.ts';
import { type Lock, neededPackages } from './lock.ts';
import { type PackageDefinition, rootOf, stateOf, unitOf } from './packages.ts';
import { nativeSources, PackageError, type Parts, projectRoot, run } from './parts.ts';
import { billOf, packageBill } from './sbom.ts';
import { isBuiltFile, isModelFile, isRuntimeFile } from './selection.ts';

/** Needed to install or to compile, not to run. */
const buildOnly = ['adm-zip', 'global-agent'];

export interface Facts {
  readonly version: string;
  /** Of every file, and in the changelog; the same source gives the same bytes. */
  readonly epochSeconds: number;
  readonly maintainer: string;
}

/** Every file below a folder, relative, sorted. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function copyFiles(from: string, to: string, keep: (path: string) => boolean): void {
  for (const path of filesBelow(from).filter(keep)) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
  }
}

function write(root: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Puts the facts of a package into a text: @PACKAGE@, @SERVICE@, @USER@, @ROOT@, @STATE@, @UNIT@, @HELPERS@, @PRIORITY@, @VERSION@. */
export function filledIn(text: string, definition: PackageDefinition, { version }: Facts): string {
  const values: Readonly<Record<string, string>> = {
    PACKAGE: definition.name,
    SERVICE: definition.service,
    USER: definition.user,
    ROOT: rootOf(definition),
    STATE: stateOf(definition),
    UNIT: unitOf(definition),
    HELPERS: definition.helpers.join(' '),
    PRIORITY: String(definition.priority),
    VERSION: version,
  };
  return text.replace(/@([A-Z]+)@/g, (whole, name: string) => values[name] ?? whole);
}

export function layTree(
  root: string,
  definition: PackageDefinition,
  parts: Parts,
  facts: Facts,
  architecture: Architecture,
): void {
  rmSync(root, { recursive: true, force: true });
  const program = join(root, rootOf(definition));
  layProgram(program, definition, parts, facts, architecture);
  write(root, billOf(definition), packageBill(definition.name, program, parts, facts));
  laySystemFiles(root, definition, facts);
  layDocuments(root, program, definition, parts, facts);
  stripBinaries(root, architecture);
  checkBinaries(root, architecture);
  checkLicenses(root, definition, parts);
}

/** Every program and library of others has its licence in the package, or there is no package. */
function checkLicenses(root: string, { name }: PackageDefinition, parts: Parts): void {
  const text = readFileSync(join(root, `usr/share/doc/${name}/copyright`), 'utf8');
  const libvips = bundledParts(parts).filter(({ purl }) => purl.startsWith('pkg:generic/'));
  const complaints = [
    ...licenseComplaints(elfFiles(root), text),
    ...withoutNotice(libvips, noticeTexts(parts)['NOTICE.libvips'] ?? '').map(
      (part) => `deploy/package/notices/libvips.txt has no text for ${part}`,
    ),
  ];
  if (complaints.length > 0) throw new PackageError(complaints.join('\n'));
}

/** What both packages have: everything that `goshawk` needs, at the places where it looks in a checkout. */
function layProgram(
  program: string,
  { name: packageName }: PackageDefinition,
  parts: Parts,
  facts: Facts,
  architecture: Architecture,
): void {
  const { node, modules, native } = parts;
  const cpu = cpuOf(architecture);
  copyFiles(join(node, 'bin'), join(program, 'bin'), (path) => path === 'node');
  // Pages are read where a controller serves them.
  const isWanted = (path: string) => packageName === 'goshawk-controller' || !path.startsWith('docs/');
  copyFiles(join(projectRoot, 'dist'), join(program, 'dist'), (path) => isBuiltFile(path) && isWanted(path));
  const lock = JSON.parse(readFileSync(join(modules, 'package-lock.json'), 'utf8')) as Lock;
  for (const path of neededPackages(lock, cpu, buildOnly)) {
    const from = join(modules, path);
    if (!existsSync(from)) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    copyFiles(
      from,
      join(program, path),
      (file) => !file.startsWith('node_modules/') && isRuntimeFile(name, file, cpu),
    );
  }
  copyFiles(join(native, 'out'), join(program, 'native/build/out'), () => true);
  copyFileSync(join(projectRoot, 'native/build-plan.mjs'), join(program, 'native/build-plan.mjs'));
  // For `goshawk native build`, which compiles on the board what has to fit its libraries.
  for (const name of nativeSources)
    cpSync(join(projectRoot, 'native', name), join(program, 'native', name), { recursive: true });
  write(program, 'native/build/report.json', nativeReport(native));
  // The second one is what `goshawk selftest` tries integers with, against its golden set.
  for (const model of ['models/street', 'models/street-int8']) {
    const named = filesOfBundle(join(projectRoot, model));
    copyFiles(join(projectRoot, model), join(program, model), (path) => isModelFile(path, named));
  }
  const { name, license, type } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  write(
    program,
    'package.json',
    `${JSON.stringify({ name, version: facts.version, license, type }, undefined, 2)}\n`,
  );
}

/** Of a model's folder: what its manifest names. */
export function filesOfBundle(folder: string): ReadonlySet<string> {
  const { variants, attachments = [] } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    readonly variants: readonly { readonly file: { readonly path: string } }[];
    readonly attachments?: readonly { readonly path: string }[];
  };
  return new Set([...variants.map(({ file }) => file.path), ...attachments.map(({ path }) => path)]);
}

/** The build's own report, without what names the machine that it was made on. */
function nativeReport(native: string): string {
  const { items } = JSON.parse(readFileSync(join(native, 'report.json'), 'utf8')) as {
    readonly items: readonly { readonly name: string; readonly state: string; readonly detail: string }[];
  };
  const told = items.map((item) =>
    item.state === 'compiled' ? { ...item, detail: 'in the package' } : item,
  );
  return `${JSON.stringify({ items: told }, undefined, 2)}\n`;
}

function laySystemFiles(root: string, definition: PackageDefinition, facts: Facts): void {
  const { name, service } = definition;
  const from = (file: string) => filledIn(readFileSync(join(projectRoot, file), 'utf8'), definition, facts);
  const own = (file: string) => from(`deploy/package/${file}`);
  const program = rootOf(definition);
  write(
    root,
    `${program}/bin/goshawk`,
    `#!/bin/sh\nexec ${program}/bin/node ${program}/dist/src/cli/main.js "$@"\n`,
  );
  write(root, `${program}/bin/as-service`, own('as-service.sh'));
  write(root, `${program}/share/${service}.json`, own(`settings/${service}.json`));
  write(root, `etc/default/${name}`, own('settings/environment'));
  write(root, `usr/lib/sysusers.d/${name}.conf`, own('sysusers.conf'));
  const unit = unitOf(definition);
  write(root, `usr/lib/systemd/system/${unit}`, readFileSync(join(projectRoot, 'deploy/systemd', unit)));
  for (const [path, file] of Object.entries(definition.files)) write(root, path, from(file));
  mkdirSync(join(root, 'etc/goshawk'), { recursive: true });
  // For the links that update-alternatives makes; the shells may come later.
  for (const folder of [
    'bash-completion/completions',
    'zsh/vendor-completions',
    'fish/vendor_completions.d',
  ]) {
    mkdirSync(join(root, 'usr/share', folder), { recursive: true });
  }
}

function layDocuments(
  root: string,
  program: string,
  definition: PackageDefinition,
  parts: Parts,
  facts: Facts,
): void {
  const { name, examples } = definition;
  const date = new Date(facts.epochSeconds * 1000);
  const documents = join(projectRoot, 'build/package/documents');
  const writer = join(projectRoot, 'dist/src/cli/shell/write-documents.js');
  execFileSync(process.execPath, [writer, documents, facts.version, date.toISOString().slice(0, 10)]);
  for (const shell of ['bash', 'zsh', 'fish'])
    copyFiles(documents, join(program, 'share'), (file) => file === `goshawk.${shell}`);
  // Under the package's name, for both can be installed; `man goshawk` is an alternative.
  write(root, `usr/share/man/man1/${name}.1.gz`, compressed(readFileSync(join(documents, 'goshawk.1'))));
  const doc = `usr/share/doc/${name}`;
  write(root, `${doc}/changelog.gz`, compressed(changelog(name, facts, date)));
  write(root, `${doc}/NEWS.gz`, compressed(readFileSync(join(projectRoot, 'CHANGELOG.md'))));
  write(
    root,
    `${doc}/README.Debian`,
    readFileSync(join(projectRoot, 'deploy/package/readme', `${definition.service}.txt`)),
  );
  for (const [file, text] of Object.entries(noticeTexts(parts)))
    write(root, `${doc}/${file}.gz`, compressed(text));
  write(root, `${doc}/copyright`, copyright(program));
  for (const path of examples) {
    cpSync(join(projectRoot, path), join(root, doc, 'examples', path.split('/').at(-1) ?? ''), {
      recursive: true,
    });
  }
  write(
    root,
    `usr/share/lintian/overrides/${name}`,
    filledIn(readFileSync(join(projectRoot, 'deploy/package/lintian-overrides'), 'utf8'), definition, facts),
  );
}

function changelog(name: string, { version, maintainer }: Facts, date: Date): string {
  return `${name} (${version}) unstable; urgency=medium\n\n  * See NEWS.gz.\n\n -- ${maintainer}  ${date.toUTCString().replace('GMT', '+0000')}\n`;
}

/** Without name and time in its head. */
function compressed(content: string | Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}

function elfFiles(root: string): readonly string[] {
  return filesBelow(root).filter((path) => isElf(readFileSync(join(root, path)).subarray(0, 64)));
}

function stripBinaries(root: string, architecture: Architecture): void {
  const files = elfFiles(root).map((path) => join(root, path));
  for (const file of files)
    run(`${triples[architecture]}-strip`, ['--strip-unneeded', '--remove-section=.comment', file], root);
}

/** Every shipped binary runs on the oldest system that is promised, or there is no package. */
export function checkBinaries(root: string, architecture: Architecture): void {
  const complaints = elfFiles(root).flatMap((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return abiComplaints(name, readElf(readFileSync(join(root, path))), architecture);
  });
  if (complaints.length > 0) throw new PackageError(complaints.join('\n'));
}

/** Modes and times say nothing about the machine or the moment of the build. */
export function normalize(root: string, { epochSeconds }: Facts, isProgram: (path: string) => boolean): void {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  // The deepest first: a folder's time changes with what is in it.
  for (const entry of entries.reverse()) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) {
      chmodSync(path, entry.isDirectory() || isProgram(relative(root, path)) ? 0o755 : 0o644);
    }
    lutimesSync(path, epochSeconds, epochSeconds);
  }
  chmodSync(root, 0o755);
  lutimesSync(root, epochSeconds, epochSeconds);
}

/** In the unit of Debian's field Installed-Size. */
export function kibibytes(root: string): number {
  return Math.ceil(
    filesBelow(root).reduce((sum, path) => sum + Math.ceil(statSync(join(root, path)).size / 1024), 0),
  );
}
