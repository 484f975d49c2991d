import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GoshawkError } from '../../../../src/base/index.ts';
import {
  bundleLayerOf,
  bundleManifestType,
  checkBundleArtifact,
  filepathAnnotation,
  formatManifest,
  type ImageManifest,
  imageIndexType,
  imageManifestType,
  layoutIndex,
  type Manifest,
  maxArtifactBytes,
  maxDescriptors,
  modelArtifactType,
  neededBy,
  packBundle,
  readArtifact,
} from '../../../../src/model/index.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const digestOf = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value));

function packed(manifest: Manifest) {
  const json = Buffer.from(formatManifest(manifest));
  const { manifest: artifact, ...rest } = packBundle(json, manifest, digestOf);
  const read = readArtifact(artifact.bytes);
  if (read.kind !== 'image') throw new Error('It is no image.');
  return { ...rest, json, artifact, image: read.image };
}

const file = (path: string) => ({ path, digest: digestOf(path), size: path.length });

describe('A bundle as an artifact of a registry', () => {
  it('is a ModelPack whose manifest.json layer has the digest of the bundle', () => {
    const manifest = tinyManifest({
      attachments: [file('golden/golden.json'), file('README.md'), file('a/0.jpg')],
    });
    const { image, json, layers, config } = packed(manifest);
    expect(image.artifactType).toBe(modelArtifactType);
    expect(bundleLayerOf(image)?.digest).toBe(digestOf(json));
    expect(
      layers.map(({ mediaType, annotations }) => [annotations?.[filepathAnnotation], mediaType]),
    ).toEqual([
      ['manifest.json', bundleManifestType],
      ['fp32.onnx', 'application/vnd.cncf.model.weight.v1.raw'],
      ['golden/golden.json', 'application/vnd.cncf.model.dataset.v1.raw'],
      ['README.md', 'application/vnd.cncf.model.doc.v1.raw'],
      ['a/0.jpg', 'application/vnd.cncf.model.dataset.v1.raw'],
    ]);
    expect(JSON.parse(Buffer.from(config.bytes).toString('utf8'))).toEqual({
      descriptor: {
        createdAt: '2026-01-01T00:00:00Z',
        name: 'tiny',
        version: '1.0.0',
        licenses: ['Apache-2.0'],
      },
      modelfs: { type: 'layers', diffIds: layers.map(({ digest }) => digest) },
      config: {
        format: 'onnx',
        precision: 'fp32',
        capabilities: { inputTypes: ['image'], outputTypes: ['other'] },
      },
    });
    checkBundleArtifact(image, manifest);
  });

  it('is the same bytes each time, and needs every file and its config', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}\.(json|png|bin)$/), { maxLength: 20 }),
        (paths) => {
          const manifest = tinyManifest({ attachments: paths.map(file) });
          const first = packed(manifest);
          expect(packed(manifest).artifact.descriptor).toEqual(first.artifact.descriptor);
          const needed = neededBy(readArtifact(first.artifact.bytes)).blobs.map(({ digest }) => digest);
          expect(needed).toEqual([
            first.config.descriptor.digest,
            ...first.layers.map(({ digest }) => digest),
          ]);
          checkBundleArtifact(first.image, manifest);
        },
      ),
    );
  });

  const manifest = tinyManifest({ attachments: [file('report.json')] });
  const { image } = packed(manifest);
  const [json, weights, report] = image.layers as [never, never, ImageManifest['layers'][number]];
  it.each([
    ['a missing file', [json, weights], 'report.json is missing'],
    ['a file of another digest', [json, weights, { ...report, digest: digestOf('x') }], 'is not the file'],
    ['a file of another size', [json, weights, { ...report, size: 1 }], 'is not the file'],
    ['two layers for one file', [json, weights, report, report], 'two layers for report.json'],
    ['two manifests', [json, json, weights, report], 'not one manifest.json'],
    ['no manifest', [weights, report], 'not one manifest.json'],
  ])('is refused with %s', (_, layers, why) => {
    expect(() => checkBundleArtifact({ ...image, layers }, manifest)).toThrow(why);
  });

  it('stands in an image layout with its tag', () => {
    const { artifact } = packed(manifest);
    const index = layoutIndex([{ manifest: artifact.descriptor, tag: '1.0.0' }]);
    expect(readArtifact(encode(index))).toMatchObject({ kind: 'index', mediaType: imageIndexType });
    expect(index.manifests[0]?.annotations).toEqual({ 'org.opencontainers.image.ref.name': '1.0.0' });
  });
});

describe('A manifest from outside', () => {
  const descriptor = { mediaType: 'a/b', digest: digestOf(''), size: 0 };
  const image = { schemaVersion: 2, mediaType: imageManifestType, config: descriptor, layers: [] };

  it.each([
    ['no JSON', Buffer.from('{'), undefined, 'artifact-not-json'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), undefined, 'artifact-not-json'],
    ['null', encode(null), undefined, 'artifact-invalid'],
    ['a list', encode([]), undefined, 'artifact-invalid'],
    ['schema 1', encode({ ...image, schemaVersion: 1 }), undefined, 'artifact-invalid'],
    ['another type than it came as', encode(image), imageIndexType, 'artifact-invalid'],
    ['a type that nobody knows', encode({ ...image, mediaType: 'a/b' }), 'a/b', 'artifact-invalid'],
    ['a number as its type', encode({ ...image, mediaType: 7 }), undefined, 'artifact-invalid'],
    [
      'a digest that climbs',
      encode({ ...image, config: { ...descriptor, digest: 'sha256:../../etc' } }),
      undefined,
      'artifact-invalid',
    ],
    [
      'another hash',
      encode({ ...image, config: { ...descriptor, digest: `sha512:${'0'.repeat(128)}` } }),
      undefined,
      'artifact-invalid',
    ],
    [
      'a negative size',
      encode({ ...image, config: { ...descriptor, size: -1 } }),
      undefined,
      'artifact-invalid',
    ],
    [
      'a size that is no number',
      encode({ ...image, config: { ...descriptor, size: '1' } }),
      undefined,
      'artifact-invalid',
    ],
    [
      'too many layers',
      encode({ ...image, layers: Array(maxDescriptors + 1).fill(descriptor) }),
      undefined,
      'artifact-size',
    ],
    ['too many bytes', Buffer.alloc(maxArtifactBytes + 1, 0x20), undefined, 'artifact-size'],
    [
      'annotations that are no texts',
      encode({ ...image, annotations: { a: 1 } }),
      undefined,
      'artifact-invalid',
    ],
  ])('is refused with %s', (_, bytes, contentType, code) => {
    expect(() => readArtifact(bytes, contentType)).toThrow(expect.objectContaining({ code }));
  });

  it('may have fields that nobody here knows, and a content type with parameters', () => {
    const read = readArtifact(encode({ ...image, more: { a: 1 } }), `${imageManifestType}; charset=utf-8`);
    expect(read).toMatchObject({ kind: 'image', mediaType: imageManifestType });
  });

  it('without a type gets the type of its contents', () => {
    const index = { schemaVersion: 2, manifests: [descriptor] };
    expect(readArtifact(encode(index))).toMatchObject({ kind: 'index', mediaType: imageIndexType });
    const { mediaType: _, ...bare } = image;
    expect(readArtifact(encode(bare))).toMatchObject({ kind: 'image', mediaType: imageManifestType });
  });

  it('need not have the layers that are kept elsewhere', () => {
    const foreign = { ...descriptor, mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar' };
    expect(neededBy(readArtifact(encode({ ...image, layers: [foreign] }))).blobs).toEqual([descriptor]);
  });

  it('never ends in anything but a manifest or an error of ours', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify({ ...image, layers: value })),
        ),
        (text) => {
          try {
            neededBy(readArtifact(Buffer.from(text)));
          } catch (error) {
            expect(error).toBeInstanceOf(GoshawkError);
          }
        },
      ),
    );
  });
});
