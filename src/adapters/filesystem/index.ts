// Around: no package: a device keeps models, profiles and frames as plain files

export { digestOf, explainFileError, readNamedFile, writeFileAtomic } from '../../platform/index.ts';
export { amendBundle, attachmentsOf, type BundleChange } from './amend-bundle.ts';
export {
  type BundleContent,
  envelopeName,
  filesOnDisk,
  type ReadBundle,
  readAnyBundle,
  readBundle,
  readEnvelope,
  sealedPath,
  type Verification,
  writeBundle,
} from './bundle-folder.ts';
export { FilesystemClipStore } from './clip-folder.ts';
export { FolderSizes } from './folder-sizes.ts';
export { FilesystemFrameStore } from './frame-folder.ts';
export { MetadataFolder } from './metadata-folder.ts';
export { type DamagedBundle, FilesystemModelStore, StagedBundle, type StoredFile } from './model-store.ts';
export { FilesystemPacketSpool } from './packet-spool.ts';
export { FilesystemProfileStore, type FindShipped } from './profile-store.ts';
export {
  networkDigest,
  profilePathIn,
  readProfile,
  type StoredProfile,
  setAside,
  type UnpackProfile,
  writeProfile,
} from './profiles.ts';
