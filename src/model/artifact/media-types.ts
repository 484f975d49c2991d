/* Names of the OCI image specification 1.1, of the CNCF ModelPack specification 0.0.7, and what is ours beside them. */

export const imageManifestType = 'application/vnd.oci.image.manifest.v1+json';
export const imageIndexType = 'application/vnd.oci.image.index.v1+json';
export const dockerManifestType = 'application/vnd.docker.distribution.manifest.v2+json';
export const dockerListType = 'application/vnd.docker.distribution.manifest.list.v2+json';

export const modelArtifactType = 'application/vnd.cncf.model.manifest.v1+json';
export const modelConfigType = 'application/vnd.cncf.model.config.v1+json';
const weightType = 'application/vnd.cncf.model.weight.v1.raw';
const weightConfigType = 'application/vnd.cncf.model.weight.config.v1.raw';
const docType = 'application/vnd.cncf.model.doc.v1.raw';
const datasetType = 'application/vnd.cncf.model.dataset.v1.raw';

/** The layer that is the bundle's manifest.json: its digest is the bundle's. */
export const bundleManifestType = 'application/vnd.goshawk.bundle.manifest.v1+json';

/** The layer that says for whom the files of a bundle are encrypted. */
export const envelopeType = 'application/vnd.goshawk.encrypted.v1+json';
/** A layer with an encrypted file, in the place of the plain one. */
export const sealedType = 'application/vnd.goshawk.encrypted.v1';

/** Annotation of a layer: the path of its file in the bundle. */
export const filepathAnnotation = 'org.cncf.model.filepath';

/** What a file of a bundle is to other programs. `raw`: the blob is the file, so that its digest is the file's. */
export function layerTypeOf(path: string, isVariant: boolean): string {
  if (isVariant) return weightType;
  if (/\.(md|txt)$|(^|\/)(README|LICENSE|NOTICE)[^/]*$/i.test(path)) return docType;
  if (/\.(jpe?g|png)$/i.test(path) || path.startsWith('golden/')) return datasetType;
  return weightConfigType;
}
