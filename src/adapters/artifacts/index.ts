// Around: no package: bundles and blobs are plain files on the disk of the controller

export { ArtifactFolder } from './artifact-folder.ts';
export { BlobFolder } from './blob-folder.ts';
export { UploadFolder } from './upload-folder.ts';
