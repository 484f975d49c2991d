/* The layers of an image: Debian's libraries, the program, and what is the user's. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Architecture, triples } from '../architecture.ts';
import { type PackageDefinition, rootOf, stateOf } from '../packages.ts';
import { PackageError, projectRoot, run } from '../parts.ts';
import { type Facts, filesBelow, filledIn } from '../tree.ts';
import { imageUser, type Layer } from './image.ts';
import { digestOf, mediaTypes, type OciLayout } from './layout.ts';

const work = join(projectRoot, 'build', 'package');
/** What Node, ONNX Runtime and libvips are linked with, and what the native parts open where it is there. */
const libraries = ['base-files', 'libc6', 'libgcc-s1', 'libstdc++6', 'libturbojpeg0', 'libddsc0t64'];
const release = 'trixie';

/** Of Debian's packages: shared libraries, who wrote them, and the name of the system. No shell, no package manager. */
export function isImageFile(path: string, architecture: Architecture): boolean {
  if (
    /^(etc\/os-release|etc\/debian_version|usr\/lib\/os-release|usr\/share\/doc\/[^/]+\/copyright)$/.test(
      path,
    )
  ) {
    return true;
  }
  if (/^usr\/lib(64)?\/ld-linux-[^/]+$/.test(path)) return true;
  const [, name] = new RegExp(`^usr/lib/${triples[architecture]}/([^/]+)$`).exec(path) ?? [];
  return name !== undefined && /\.so(\.|$)/.test(name);
}

/** Debian's libraries for the processor, unpacked and never run; made once, since packages change under the same names. */
export function baseTree(architecture: Architecture, facts: Facts): string {
  const tree = join(work, `oci-base-${architecture}`);
  if (existsSync(join(tree, 'usr'))) return tree;
  const unpacked = join(work, `oci-unpacked-${architecture}`);
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  run(
    'mmdebstrap',
    [
      ...['--variant=extract', '--format=directory', `--architectures=${architecture}`],
      ...[`--include=${libraries.join(',')}`, release, unpacked],
    ],
    work,
    { SOURCE_DATE_EPOCH: String(facts.epochSeconds) },
  );
  const part = `${tree}.part`;
  rmSync(part, { recursive: true, force: true });
  for (const path of filesBelow(unpacked).filter((one) => isImageFile(one, architecture))) {
    mkdirSync(dirname(join(part, path)), { recursive: true });
    cpSync(join(unpacked, path), join(part, path), { verbatimSymlinks: true });
  }
  for (const [link, target] of Object.entries({ bin: 'usr/bin', lib: 'usr/lib', lib64: 'usr/lib64' })) {
    mkdirSync(join(part, target), { recursive: true });
    symlinkSync(target, join(part, link));
  }
  rmSync(unpacked, { recursive: true, force: true });
  run('mv', [part, tree], work);
  return tree;
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
