/*
 * What a package holds beside its own code and npm's JavaScript: programs and libraries of others, with their versions, whose
 * terms they are under, and the texts that go along. One list, for the file `copyright` and for the SBOM.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPart } from '../../src/sbom/index.ts';
import { type Parts, projectRoot } from './parts.ts';

const commonLicenses = '/usr/share/common-licenses';
const notices = join(import.meta.dirname, 'notices');
const scope = 'node_modules/@img';

/** What is bundled into the pages of dashboard and documentation, as their builds list it. */
function pageParts(): readonly (BundledPart & { readonly text: string })[] {
  const names = ['dashboard', 'docs'].flatMap(
    (page) => JSON.parse(readFileSync(join(projectRoot, 'dist', page, 'packages.json'), 'utf8')) as string[],
  );
  return [...new Set(names)].sort().map((name) => {
    const folder = join(projectRoot, 'node_modules', name);
    const { version, license = 'see NOTICE.pages' } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    ) as { readonly version: string; readonly license?: string };
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    return { name, version, license, purl, text };
  });
}

export function bundledParts({ node, modules }: Parts): readonly BundledPart[] {
  const nodeVersion = versionOf(node);
  const runtime = versionOf(join(modules, 'node_modules/onnxruntime-node'));
  return [
    {
      ...{ name: 'node', version: nodeVersion, license: 'MIT and others' },
      purl: `pkg:github/nodejs/node@v${nodeVersion}`,
    },
    {
      ...{ name: 'onnxruntime', version: runtime, license: 'MIT and others' },
      purl: `pkg:github/microsoft/onnxruntime@v${runtime}`,
    },
    ...libvipsParts(join(modules, scope, libvipsPackage(modules))),
    ...pageParts().map(({ text: _, ...part }) => part),
  ];
}

/** The libraries inside of libvips-cpp.so, as its npm package lists them. */
function libvipsParts(folder: string): readonly BundledPart[] {
  const versions = JSON.parse(readFileSync(join(folder, 'versions.json'), 'utf8')) as Record<string, string>;
  const terms = new Map(
    [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| (\S+) +\| (.+?) +\|$/gm)].map(
      ([, name = '', license = '']) => [shortName(name), license],
    ),
  );
  return Object.entries(versions).map(([name, version]) => ({
    ...{ name, version, license: terms.get(name) ?? 'see NOTICE.libvips' },
    purl: `pkg:generic/${name}@${version}`,
  }));
}

/** `libultrahdr` of the table is `uhdr` of the versions. */
const shortName = (name: string) => name.replace(/^lib(?=[a-z])/, '').replace(/^ultrahdr$/, 'uhdr');

const libvipsPackage = (modules: string) =>
  readdirSync(join(modules, scope)).find((name) => name.startsWith('sharp-libvips-linux-')) ?? '';

const versionOf = (folder: string) =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string }).version;

/** Texts of the licences, by the name of their file in the package's folder of documents. */
export function noticeTexts(parts: Parts): Readonly<Record<string, string>> {
  const own = (file: string) => readFileSync(join(notices, file), 'utf8');
  const common = (name: string) => `== ${name}\n\n${readFileSync(join(commonLicenses, name), 'utf8')}`;
  const readme = readFileSync(join(parts.modules, scope, libvipsPackage(parts.modules), 'README.md'), 'utf8');
  const list = bundledParts(parts)
    .filter(({ purl }) => purl.startsWith('pkg:generic/'))
    .map(({ name, version, license }) => `${name} ${version}: ${license}`);
  return {
    'LICENSE.node': readFileSync(join(parts.node, 'LICENSE'), 'utf8'),
    'NOTICE.onnxruntime': own('onnxruntime.txt'),
    'NOTICE.pages': pageParts()
      .map(({ name, version, license, text }) => `== ${name} ${version}: ${license}\n\n${text}`)
      .join('\n'),
    'NOTICE.libvips': [
      readme,
      `Versions:\n${list.join('\n')}`,
      'Sources and the scripts that build them: https://github.com/lovell/sharp-libvips. The library is a shared one: put\nanother one with the same interface in its place.',
      own('libvips.txt'),
      ...['LGPL-3', 'GPL-3', 'MPL-1.1', 'Apache-2.0'].map(common),
    ].join('\n\n'),
  };
}

/** Parts of libvips whose text is not in the notices: a newer one may hold another library. */
export function withoutNotice(parts: readonly BundledPart[], notice: string): readonly string[] {
  return parts.map(({ name }) => name).filter((name) => !notice.includes(`\n== ${name}\n`));
}
