/* From a laid-out tree to a .deb, with Debian's own dpkg-deb. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from './architecture.ts';
import type { PackageDefinition } from './packages.ts';
import { projectRoot, run } from './parts.ts';
import { type Facts, filesBelow, filledIn, kibibytes, normalize } from './tree.ts';

/** Debian's and Ubuntu's names of what Node itself is linked with. */
const depends = ['libc6 (>= 2.35)', 'libgcc-s1', 'libstdc++6 (>= 12)', 'init-system-helpers (>= 1.54)'];
const maintainerScripts = ['preinst', 'postinst', 'prerm', 'postrm'];
const programs =
  /^(DEBIAN\/(preinst|postinst|prerm|postrm)|usr\/lib\/systemd\/system-generators\/[^/]+|usr\/lib\/[^/]+\/(bin\/[^/]+|update\/run|native\/build\/out\/goshawk-engine-host))$/;

export function controlFile(
  definition: PackageDefinition,
  facts: Facts,
  architecture: Architecture,
  installedKiB: number,
): string {
  const { name, summary, description, recommends, suggests } = definition;
  return [
    `Package: ${name}`,
    'Source: goshawk',
    `Version: ${facts.version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${facts.maintainer}`,
    `Installed-Size: ${installedKiB}`,
    `Depends: ${depends.join(', ')}`,
    `Recommends: ${recommends.join(', ')}`,
    `Suggests: ${suggests.join(', ')}`,
    'Section: science',
    'Priority: optional',
    `Description: ${summary}`,
    ...wrapped(description, 78).map((line) => ` ${line}`),
    '',
  ].join('\n');
}

function wrapped(text: string, width: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

/** What is published is small; what a test makes is made quickly. */
export type Compression = 'small' | 'quick';
const compressions: Readonly<Record<Compression, readonly string[]>> = {
  small: ['-Zxz', '-z6'],
  quick: ['-Zgzip', '-z1'],
};

/** Gives the path of the package. */
export function buildDeb(
  root: string,
  out: string,
  definition: PackageDefinition,
  facts: Facts,
  architecture: Architecture,
  compression: Compression = 'small',
): string {
  const control = join(root, 'DEBIAN');
  rmSync(control, { recursive: true, force: true });
  const files = filesBelow(root);
  const sums = files.map(
    (path) =>
      `${createHash('md5')
        .update(readFileSync(join(root, path)))
        .digest('hex')}  ${path}\n`,
  );
  const conffiles = files.filter((path) => path.startsWith('etc/')).map((path) => `/${path}\n`);
  const size = kibibytes(root);
  mkdirSync(control);
  writeFileSync(join(control, 'control'), controlFile(definition, facts, architecture, size));
  writeFileSync(join(control, 'md5sums'), sums.join(''));
  writeFileSync(join(control, 'conffiles'), conffiles.join(''));
  for (const name of maintainerScripts) {
    const text = readFileSync(join(projectRoot, 'deploy/package/maintainer', name), 'utf8');
    writeFileSync(join(control, name), filledIn(text, definition, facts));
  }
  normalize(root, facts, (path) => programs.test(path));
  mkdirSync(out, { recursive: true });
  const target = join(out, `${definition.name}_${facts.version}_${architecture}.deb`);
  // One thread: how many there are would show in the bytes.
  const environment = { SOURCE_DATE_EPOCH: String(facts.epochSeconds), DPKG_DEB_THREADS_MAX: '1' };
  run(
    'dpkg-deb',
    ['--root-owner-group', ...compressions[compression], '--build', root, target],
    root,
    environment,
  );
  return target;
}
