/* What a package or an image is made of, one by one, in the words of CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). */

export interface Component {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  /** https://github.com/package-url/purl-spec */
  readonly purl?: string;
  readonly licenses?: readonly { readonly license: { readonly name: string } }[];
  readonly hashes?: readonly Hash[];
}

interface Hash {
  readonly alg: string;
  /** Hex. */
  readonly content: string;
}

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** That it was built from; Debian's security advisories name this one. */
  readonly source?: { readonly name: string; readonly version: string };
  /** In the words of its copyright file. */
  readonly licenses?: readonly string[];
}

/** What a package brings beside npm's: Node, ONNX Runtime, the libraries in libvips. */
export interface BundledPart {
  readonly name: string;
  readonly version: string;
  /** In the words of who packed it. */
  readonly license: string;
  readonly purl: string;
}

/** For `--showformat` of dpkg-query and of dpkg-deb. */
export const debianFormat = ['Package', 'Version', 'Architecture', 'source:Package', 'source:Version']
  .map((field) => `\${${field}}`)
  .join('\t')
  .concat('\n');

/** From what dpkg says in `debianFormat`. */
export function parseDebianPackages(text: string): readonly DebianPackage[] {
  return text
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([name = '', version = '', architecture = '', from = name, fromVersion = version]) =>
      version === '' ? [] : [{ name, version, architecture, source: { name: from, version: fromVersion } }],
    );
}

/** The names of licences in a copyright file of Debian; none where it is not in the form for machines. */
export function debianLicenses(copyright: string): readonly string[] {
  if (!/^Format: .*copyright-format/m.test(copyright)) return [];
  const names = [...copyright.matchAll(/^License:[ \t]*(\S.*)$/gm)].map(([, name = '']) => name.trim());
  return [...new Set(names)].sort();
}

/** `release`: `trixie`. `upstream`, as Syft writes it: the source, where it is another package or version. */
export function debianComponent(one: DebianPackage, release: string): Component {
  const { name, version, architecture, source, licenses = [] } = one;
  const [id, of] = [name, version].map(encodeURIComponent);
  const from = source === undefined || (source.name === name && source.version === version) ? [] : [source];
  const upstream = from.map((found) => `&upstream=${encodeURIComponent(`${found.name}@${found.version}`)}`);
  const purl = `pkg:deb/debian/${id}@${of}?arch=${architecture}&distro=${release}${upstream.join('')}`;
  return {
    ...library(name, version, purl),
    ...(licenses.length === 0
      ? {}
      : { licenses: licenses.map((license) => ({ license: { name: license } })) }),
  };
}

export function npmComponent(name: string, version: string, license?: string): Component {
  const path = name.split('/').map(encodeURIComponent).join('/');
  const found = library(name, version, `pkg:npm/${path}@${encodeURIComponent(version)}`);
  return license === undefined ? found : { ...found, ...under(license) };
}

export function bundledComponent({ name, version, license, purl }: BundledPart): Component {
  return { ...library(name, version, purl), ...under(license) };
}

/** `digest`: `sha256:<hex>`. */
export function modelComponent(name: string, version: string, digest: string): Component {
  const hashes = [sha256(digest)];
  return { type: 'machine-learning-model', 'bom-ref': `model:${name}`, name, version, hashes };
}

export function sha256(digest: string): Hash {
  return { alg: 'SHA-256', content: digest.replace(/^sha256:/, '') };
}

function library(name: string, version: string, purl: string): Component {
  return { type: 'library', 'bom-ref': purl, name, version, purl };
}

const under = (name: string) => ({ licenses: [{ license: { name } }] });
