/* The layers of an image: Debian's libraries, the program, and what is the user's. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { placeFile } from '../../../src/platform/index.ts';
import {
  type DebianPackage,
  debianFormat,
  debianLicenses,
  parseDebianPackages,
} from '../../../src/sbom/index.ts';
import type { Architecture } from '../architecture.ts';
import { isElf, readElf } from '../elf.ts';
import { type PackageDefinition, rootOf, stateOf } from '../packages.ts';
import { PackageError, projectRoot, run } from '../parts.ts';
import { type Facts, filesBelow, filledIn } from '../tree.ts';
import {
  type Contents,
  contentsOf,
  filesOf,
  isAdded,
  isNotice,
  leadsSomewhere,
  packagesWith,
  placeInTree,
  type UnpackedPackage,
  type UnpackedTree,
} from './contents.ts';
import { imageUser, type Layer } from './image.ts';
import { digestOf, mediaTypes, type OciLayout } from './layout.ts';

const work = join(projectRoot, 'build', 'package');
export const release = 'trixie';
/** In an unpacked tree: its packages, as they came. */
const packagesFolder = 'packages-as-they-came';

export interface BaseTree {
  readonly root: string;
  /** Those of which something is in it. */
  readonly packages: readonly DebianPackage[];
}

/** Debian's files for the processor, unpacked and never run; made once, since packages change under the same names. */
export function baseTree(
  definition: PackageDefinition,
  architecture: Architecture,
  facts: Facts,
  added: readonly string[],
): BaseTree {
  const contents = contentsOf(definition);
  const key = createHash('sha256')
    .update(JSON.stringify([debianFormat, contents, added]))
    .digest('hex')
    .slice(0, 12);
  const tree = join(work, `oci-base-${architecture}-${key}`);
  const list = `${tree}.json`;
  if (existsSync(join(tree, 'usr')))
    return { root: tree, packages: JSON.parse(readFileSync(list, 'utf8')) as readonly DebianPackage[] };
  const unpacked = join(work, `oci-unpacked-${architecture}`);
  unpack(unpacked, architecture, [...contents.packages, ...added], facts);
  const all = packagesOf(unpacked);
  const part = `${tree}.part`;
  rmSync(part, { recursive: true, force: true });
  const taken = selectFiles(unpacked, part, architecture, contents, filesOfAdded(all, added));
  for (const [link, target] of Object.entries({ bin: 'usr/bin', lib: 'usr/lib', lib64: 'usr/lib64' })) {
    mkdirSync(join(part, target), { recursive: true });
    symlinkSync(target, join(part, link));
  }
  const packages = packagesWith(all, taken).map((one) => ({
    ...one,
    licenses: debianLicenses(copyrightOf(unpacked, one.name)),
  }));
  writeFileSync(list, JSON.stringify(packages));
  rmSync(unpacked, { recursive: true, force: true });
  run('mv', [part, tree], work);
  return { root: tree, packages };
}

/** A package's folder of documents may be a link to that of another. */
function copyrightOf(unpacked: string, name: string): string {
  const file = join(unpacked, 'usr/share/doc', name, 'copyright');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function unpack(target: string, architecture: Architecture, names: readonly string[], facts: Facts): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const keep = `mkdir "$1/${packagesFolder}" && mv "$1"/var/cache/apt/archives/*.deb "$1/${packagesFolder}"`;
  run(
    'mmdebstrap',
    [
      ...['--variant=extract', '--format=directory', `--architectures=${architecture}`],
      `--extract-hook=${keep}`,
      ...[`--include=${names.join(',')}`, release, target],
    ],
    work,
    { SOURCE_DATE_EPOCH: String(facts.epochSeconds) },
  );
}

/** What of the packages goes into the image, and the links and lists that their scripts would have made. */
function selectFiles(
  unpacked: string,
  target: string,
  architecture: Architecture,
  contents: Contents,
  added: readonly string[],
): readonly string[] {
  const paths = new Set(filesBelow(unpacked));
  const tree = treeAt(unpacked, paths);
  const wanted = [...contents.files, ...added.filter((path) => leadsSomewhere(path, tree))];
  const { files, links, missing } = filesOf(wanted, architecture, tree);
  if (missing.length > 0)
    throw new PackageError(`Debian's packages do not have what an image needs: ${missing.join(', ')}.`);
  const notices = [...paths].filter(isNotice);
  for (const path of [...files, ...notices]) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(unpacked, path), join(target, path), { verbatimSymlinks: true });
  }
  for (const [link, file] of links) symlinkSync(relative(dirname(link), file), join(target, link));
  layAuthorities(target, notices.filter((path) => path.endsWith('.crt')).sort());
  return [...files, ...notices];
}

function treeAt(root: string, paths: ReadonlySet<string>): UnpackedTree {
  return {
    paths,
    target: (path) => {
      if (!lstatSync(join(root, path)).isSymbolicLink()) return undefined;
      return relative('/', resolve('/', dirname(path), readlinkSync(join(root, path))));
    },
    needs: (path) => {
      const bytes = readFileSync(join(root, path));
      return isElf(bytes) ? readElf(bytes).libraries : [];
    },
  };
}

function packagesOf(unpacked: string): readonly UnpackedPackage[] {
  const folder = join(unpacked, packagesFolder);
  const debs = readdirSync(folder).sort();
  return debs.flatMap((name) => {
    const deb = join(folder, name);
    const said = spawnSync('dpkg-deb', ['--show', '--showformat', debianFormat, deb], { encoding: 'utf8' });
    const [one] = parseDebianPackages(said.stdout);
    if (one === undefined) throw new PackageError(`dpkg-deb can't read ${name}: ${said.stderr}`);
    const list = `dpkg-deb --fsys-tarfile '${deb}' | tar -t`;
    const { stdout } = spawnSync('sh', ['-c', list], { encoding: 'utf8', maxBuffer: 64 << 20 });
    return [{ ...one, paths: stdout.split('\n').map(placeInTree) }];
  });
}

function filesOfAdded(packages: readonly UnpackedPackage[], added: readonly string[]): readonly string[] {
  const names = added.map((name) => name.replace(/[:=/].*$/, ''));
  return packages
    .filter(({ name }) => names.includes(name))
    .flatMap(({ paths }) => paths.filter((path) => isAdded(path) && !path.endsWith('/')));
}

/** As update-ca-certificates would: GnuTLS reads one file, where Node brings its own. */
function layAuthorities(target: string, paths: readonly string[]): void {
  if (paths.length === 0) return;
  mkdirSync(join(target, 'etc/ssl/certs'), { recursive: true });
  const texts = paths.map((path) => readFileSync(join(target, path), 'utf8'));
  writeFileSync(join(target, 'etc/ssl/certs/ca-certificates.crt'), texts.join(''));
  rmSync(join(target, 'usr/share/ca-certificates'), { recursive: true });
}

/** Of a tree that was laid out for a .deb: the program and its licences. What is systemd's and the shells' stays out. */
export function programTree(laid: string, target: string, definition: PackageDefinition): void {
  rmSync(target, { recursive: true, force: true });
  const program = rootOf(definition).slice(1);
  const doc = `usr/share/doc/${definition.name}`;
  for (const path of [program, `${doc}/copyright`, `${doc}/LICENSE.node.gz`]) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(laid, path), join(target, path), { recursive: true, verbatimSymlinks: true });
  }
  rmSync(join(target, program, 'bin/goshawk'), { force: true });
  // There is no shell: the command is a program of our own Node.
  mkdirSync(join(target, 'usr/bin'), { recursive: true });
  writeFileSync(join(target, program, placeFile), `${JSON.stringify({ place: 'container' })}\n`);
  const main = `/${program}/dist/src/cli/main.js`;
  writeFileSync(join(target, 'usr/bin/goshawk'), `#!/${program}/bin/node\nimport('${main}');\n`);
}

/** Names, settings, and folders that are there before anything is mounted over them. */
export function ownTree(target: string, definition: PackageDefinition, facts: Facts): void {
  rmSync(target, { recursive: true, force: true });
  const { service } = definition;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  };
  const user = `goshawk:x:${imageUser}:${imageUser}::/nonexistent:/usr/sbin/nologin\n`;
  write('etc/passwd', `root:x:0:0:root:/root:/usr/sbin/nologin\n${user}`);
  write('etc/group', `root:x:0:\ngoshawk:x:${imageUser}:\n`);
  write('etc/nsswitch.conf', 'hosts: files dns\n');
  const settings = readFileSync(join(projectRoot, 'deploy/package/oci/settings', `${service}.json`), 'utf8');
  write(`etc/goshawk/${service}.json`, filledIn(settings, definition, facts));
}

/** `owner`: of everything in it. Files are written as `tar` is told, so that the same tree gives the same bytes. */
export function layerOf(
  layout: OciLayout,
  tree: string,
  paths: readonly string[],
  what: string,
  facts: Facts,
  owner = 0,
): Layer {
  const result = spawnSync(
    'tar',
    [
      ...[
        '--sort=name',
        '--format=posix',
        '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
      ],
      ...[`--mtime=@${facts.epochSeconds}`, `--owner=${owner}`, `--group=${owner}`, '--numeric-owner'],
      ...['-C', tree, '-cf', '-', ...paths],
    ],
    { maxBuffer: 1 << 30 },
  );
  if (result.status !== 0) throw new PackageError(`tar of ${tree}: ${String(result.stderr)}`);
  const bytes = gzipSync(result.stdout, { level: 6 });
  return { descriptor: layout.blob(mediaTypes.layer, bytes), diffId: digestOf(result.stdout), what };
}

/** The state's folder, of the user; and where programs may write for a while. */
export function stateTree(target: string, definition: PackageDefinition): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, stateOf(definition)), { recursive: true, mode: 0o700 });
}
