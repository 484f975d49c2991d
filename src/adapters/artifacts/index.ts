// Around: no package: blobs and repositories are plain files on the disk of the controller

export { artifactFolder } from './artifact-folder.ts';
export { BlobFolder } from './blob-folder.ts';
export { UploadFolder } from './upload-folder.ts';
