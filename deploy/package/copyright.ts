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
    ...stanzas,
    // The last that matches is the one that counts.
    ...binaries,
    ...licenses(included),
  ].join('\n\n')}\n`;
}

/** Programs and libraries of others; their texts lie beside the file, since each holds the work of many. */
const binaries = [
  `Files: usr/lib/*/bin/node
Copyright: Node.js contributors and others, as LICENSE.node.gz says
License: MIT-and-others
 See LICENSE.node.gz beside this file: the licence of Node and of what it holds.`,
  `Files: usr/lib/*/node_modules/onnxruntime-node/bin/*
Copyright: Microsoft Corporation and others, as NOTICE.onnxruntime.gz says
License: MIT-of-onnxruntime
 See NOTICE.onnxruntime.gz beside this file: the licence of ONNX Runtime and of what it holds.`,
  `Files: usr/lib/*/node_modules/@img/sharp-libvips-linux-*
Copyright: the authors of libvips and of the libraries in it, as NOTICE.libvips.gz says
License: LGPL-3.0-or-later-and-others
 See NOTICE.libvips.gz beside this file: each library, its version and its terms, and where the sources are. The text of
 LGPL and GPL is also in /usr/share/common-licenses/LGPL-3 and GPL-3 of a Debian system.`,
  `Files: usr/lib/*/dist/dashboard/* usr/lib/*/dist/docs/*
Copyright: the authors of Goshawk, and of the packages in NOTICE.pages.gz
License: Apache-2.0 and MIT-of-pages`,
  `License: MIT-of-pages
 See NOTICE.pages.gz beside this file: the packages whose code is bundled into the pages, with their terms.`,
  `Files: usr/lib/*/native/build/out/*
Copyright: the authors of Goshawk; Free Software Foundation, Inc. (libgcc and libstdc++ within)
License: Apache-2.0 and GPL-3.0-with-GCC-exception
Comment: libgcc and libstdc++ are linked in under the GCC Runtime Library Exception 3.1, which leaves the terms of the rest
 to its authors.`,
  `License: GPL-3.0-with-GCC-exception
 GPL version 3, in /usr/share/common-licenses/GPL-3 of a Debian system, with the GCC Runtime Library Exception 3.1:
 https://www.gnu.org/licenses/gcc-exception-3.1.html`,
];

/** Files that no stanza but the one for everything names, and licences without a text. Both empty: all is told. */
export function licenseComplaints(paths: readonly string[], text: string): readonly string[] {
  const stanzas = text.split(/\n\n/);
  const field = (stanza: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
  const named = stanzas.flatMap((stanza) => {
    const files = field(stanza, 'Files');
    return files === undefined || files === '*' ? [] : [pattern(files)];
  });
  const told = new Set(
    stanzas.filter((one) => /^License: .*\n \S/m.test(one)).map((one) => field(one, 'License')),
  );
  const used = stanzas
    .filter((stanza) => field(stanza, 'Files') !== undefined)
    .flatMap((stanza) => (field(stanza, 'License') ?? '').split(/ or | and /));
  return [
    ...paths
      .filter((path) => !named.some((files) => files.test(path)))
      .map((path) => `${path} is in no stanza of the file copyright`),
    ...[...new Set(used)].filter((name) => !told.has(name)).map((name) => `The licence ${name} has no text`),
  ];
}

/** `*` is anything, slashes too, as Debian's format says. */
const pattern = (files: string) =>
  new RegExp(`^${files.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

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
      // A package without a file of its own may be under a licence that Debian has.
      const known = name in debianNames ? onDebian(name) : text;
      if (known !== '' && !texts.has(name)) texts.set(name, known);
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
