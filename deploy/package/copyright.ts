/* The file `copyright` of a package: whose work is in it, read from the packages themselves. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Included {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Its own text, from the file that came with it. */
  readonly text: string;
}

/** In Debian's machine-readable format; every included npm package keeps its licence file beside it too. */
export function copyright(program: string): string {
  const included = [...includedPackages(join(program, 'node_modules'))].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const stanzas = included.map(
    ({ name, license, text }) =>
      `Files: usr/lib/*/node_modules/${name}/*\nCopyright: ${holders(text) ?? `the authors of ${name}`}\nLicense: ${short(license)}`,
  );
  return `${[
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: goshawk',
    'Files: *\nCopyright: the authors of Goshawk\nLicense: Apache-2.0',
    'Files: usr/lib/*/bin/node\nCopyright: Node.js contributors and others, as LICENSE.node.gz says\nLicense: MIT-and-others\n See LICENSE.node.gz beside this file: the licence of Node and of what it holds.',
    ...stanzas,
    ...licenses(included),
  ].join('\n\n')}\n`;
}

function* includedPackages(folder: string): Generator<Included> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith('.')) continue;
    if (name.startsWith('@')) {
      for (const item of includedPackagesOfScope(folder, name)) yield item;
      continue;
    }
    yield* onePackage(folder, name);
  }
}

function* includedPackagesOfScope(folder: string, scope: string): Generator<Included> {
  for (const name of readdirSync(join(folder, scope))) yield* onePackage(folder, `${scope}/${name}`);
}

function* onePackage(folder: string, name: string): Generator<Included> {
  const root = join(folder, name);
  const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version?: string;
    readonly license?: string;
  };
  const file = readdirSync(root).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  yield {
    name,
    version: description.version ?? '',
    license: description.license ?? 'see-its-own-file',
    text: file === undefined ? '' : readFileSync(join(root, file), 'utf8'),
  };
  yield* includedPackages(join(root, 'node_modules'));
}

const short = (license: string) =>
  license
    .replace(/[()]/g, '')
    .replace(/\s+OR\s+/g, ' or ')
    .replace(/\s+AND\s+/g, ' and ');

function holders(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => /copyright\s+(\(c\)|©|\d{4})/i.test(line));
  return lines.length === 0
    ? undefined
    : lines.map((line) => line.trim().replace(/^copyright\s*/i, '')).join('\n ');
}

/** One stanza for each licence that a package names, with the text of the first that brought one. */
function licenses(included: readonly Included[]): readonly string[] {
  const texts = new Map<string, string>([['Apache-2.0', onDebian('Apache-2.0')]]);
  for (const { license, text } of included) {
    for (const name of short(license).split(/ or | and /)) {
      if (text !== '' && !texts.has(name)) texts.set(name, name in debianNames ? onDebian(name) : text);
    }
  }
  return [...texts].map(([name, text]) => `License: ${name}\n${indented(text)}`);
}

const debianNames: Readonly<Record<string, string>> = {
  'Apache-2.0': 'Apache-2.0',
  'LGPL-3.0-or-later': 'LGPL-3',
};
const onDebian = (name: string) =>
  `On Debian systems the full text is in /usr/share/common-licenses/${debianNames[name] ?? name}.`;

function indented(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
}
