import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { InputError } from '../../base/index.ts';
import { Digest } from '../manifest.ts';

/*
 * Other forms in which a file of a bundle can travel: packed with zstd, or as what differs from a file that the device has.
 * They are listed in an OCI artifact that refers to the bundle's (its `subject`), one layer for each form. Nothing of it is
 * believed: whatever comes is unpacked within the size that the bundle's manifest says, and held to its digest.
 */

export const transferArtifactType = 'application/vnd.goshawk.transfer.v1+json';
export const zstdMediaType = 'application/vnd.goshawk.transfer.v1.zstd';
export const deltaMediaType = 'application/vnd.goshawk.transfer.v1.zstd-delta';
/** Of a layer: the file that comes out of it. */
export const blobAnnotation = 'vnd.goshawk.transfer.blob';
/** Of a layer with a delta: the file that it is applied to. */
export const baseAnnotation = 'vnd.goshawk.transfer.base';

/** One way in which a file can travel. */
export interface TransferForm {
  /** Digest of the file that comes out. */
  readonly blob: string;
  readonly form: 'zstd' | 'zstd-delta';
  /** Of a delta: digest of the file that it is applied to. */
  readonly base?: string;
  /** Of what travels. */
  readonly digest: string;
  /** Bytes that travel. */
  readonly size: number;
}

/** Forms beyond that are not looked at. */
const mostForms = 1_000;

const Layer = Type.Object({
  mediaType: Type.String({ maxLength: 255 }),
  digest: Digest,
  size: Type.Integer({ minimum: 1 }),
  annotations: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 1000 }))),
});

const TransferManifest = Type.Object({
  schemaVersion: Type.Literal(2),
  artifactType: Type.Literal(transferArtifactType),
  layers: Type.Array(Layer),
});

const isDigest = (text: string | undefined): text is string =>
  text !== undefined && /^sha256:[0-9a-f]{64}$/.test(text);

/** The forms that an index artifact lists; layers that it does not know are left out. */
export function parseTransferManifest(json: unknown, where: string): TransferForm[] {
  if (!Value.Check(TransferManifest, json)) {
    throw new InputError(
      'transfer-index',
      `${where} is no list of transfer forms.`,
      'The model is fetched as it is; make the list again with `goshawk model push`.',
    );
  }
  return json.layers.slice(0, mostForms).flatMap((layer) => formOf(layer) ?? []);
}

function formOf({
  mediaType,
  digest,
  size,
  annotations = {},
}: Static<typeof Layer>): TransferForm | undefined {
  const blob = annotations[blobAnnotation];
  const base = annotations[baseAnnotation];
  if (!isDigest(blob)) return undefined;
  if (mediaType === zstdMediaType) return { blob, form: 'zstd', digest, size };
  if (mediaType !== deltaMediaType || !isDigest(base)) return undefined;
  return { blob, form: 'zstd-delta', base, digest, size };
}

/** The bundle's OCI manifest, as far as the index has to refer to it. */
export interface ArtifactDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** sha256 and size of `{}`, the empty configuration of OCI. */
export const emptyConfig = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
};

/** The OCI manifest that lists these forms. */
export function transferManifest(subject: ArtifactDescriptor, forms: readonly TransferForm[]): object {
  return {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: transferArtifactType,
    config: emptyConfig,
    layers: forms.map(({ blob, form, base, digest, size }) => ({
      mediaType: form === 'zstd' ? zstdMediaType : deltaMediaType,
      digest,
      size,
      annotations: { [blobAnnotation]: blob, ...(base === undefined ? {} : { [baseAnnotation]: base }) },
    })),
    subject,
  };
}
