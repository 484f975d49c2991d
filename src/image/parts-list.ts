/* What an image is made of, as a CycloneDX 1.6 document (an SBOM). */

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
}

/** What the agent's package brings beside npm's: Node, ONNX Runtime, the libraries in libvips. */
export interface BundledPart {
  readonly name: string;
  readonly version: string;
  /** In the words of who packed it. */
  readonly license: string;
  readonly purl: string;
}

/** Whether a board with the image has roots of a fleet. */
export type ImageTrust = 'roots' | 'insecure';

export interface ImageParts {
  readonly image: string;
  readonly version: string;
  /** sha256 in hex. */
  readonly imageDigest: string;
  readonly release: string;
  readonly createdAt: string;
  readonly debian: readonly DebianPackage[];
  readonly npm: readonly NpmPackage[];
  readonly bundled: readonly BundledPart[];
  readonly trust: ImageTrust;
  readonly model?: { readonly name: string; readonly version: string; readonly digest: string };
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

export function renderPartsList(parts: ImageParts): string {
  const debian = parts.debian.map(({ name, version, architecture }) =>
    component(
      'library',
      name,
      version,
      `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=${parts.release}`,
    ),
  );
  const npm = parts.npm.map(({ name, version }) => {
    const path = name.split('/').map(encodeURIComponent).join('/');
    return component('library', name, version, `pkg:npm/${path}@${encodeURIComponent(version)}`);
  });
  const bundled = parts.bundled.map(({ name, version, license, purl }) => ({
    ...component('library', name, version, purl),
    licenses: [{ license: { name: license } }],
  }));
  const { model } = parts;
  const models =
    model === undefined
      ? []
      : [
          {
            type: 'machine-learning-model',
            'bom-ref': `model:${model.name}`,
            name: model.name,
            version: model.version,
            hashes: [sha256(model.digest)],
          },
        ];
  return `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        timestamp: parts.createdAt,
        component: {
          type: 'firmware',
          'bom-ref': 'image',
          name: parts.image,
          version: parts.version,
          hashes: [sha256(parts.imageDigest)],
        },
        properties: [{ name: 'goshawk:trust', value: parts.trust }],
      },
      components: [...debian, ...npm, ...bundled, ...models],
    },
    undefined,
    2,
  )}\n`;
}

function component(type: string, name: string, version: string, purl: string) {
  return { type, 'bom-ref': purl, name, version, purl };
}

function sha256(digest: string) {
  return { alg: 'SHA-256', content: digest.replace(/^sha256:/, '') };
}
