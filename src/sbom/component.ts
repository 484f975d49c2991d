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
}

/** What a package brings beside npm's: Node, ONNX Runtime, the libraries in libvips. */
export interface BundledPart {
  readonly name: string;
  readonly version: string;
  /** In the words of who packed it. */
  readonly license: string;
  readonly purl: string;
}

/** From `dpkg-query --showformat '${Package}\t${Version}\t${Architecture}\n'`. */
export function parseDebianPackages(text: string): readonly DebianPackage[] {
  return text
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([name = '', version = '', architecture = '']) =>
      version === '' ? [] : [{ name, version, architecture }],
    );
}

/** `release`: `trixie`. */
export function debianComponent({ name, version, architecture }: DebianPackage, release: string): Component {
  const [id, of] = [encodeURIComponent(name), encodeURIComponent(version)];
  return library(name, version, `pkg:deb/debian/${id}@${of}?arch=${architecture}&distro=${release}`);
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
