import { join } from 'node:path';
import type { BlobStore, RegistryPorts } from '../../controller/index.ts';
import { digestOf } from '../../platform/index.ts';
import { BlobFolder } from './blob-folder.ts';
import { RepositoryFolder } from './repository-folder.ts';
import { UploadFolder } from './upload-folder.ts';

/** The contents of the controller's registry, below one folder. `blobs`: the folder of the bytes, if it is another one. */
export function artifactFolder(
  root: string,
  blobs: BlobStore = new BlobFolder(join(root, 'blobs')),
): RegistryPorts {
  return {
    ...{ blobs, digestOf },
    uploads: new UploadFolder(join(root, 'uploads')),
    repositories: new RepositoryFolder(join(root, 'repositories')),
  };
}
