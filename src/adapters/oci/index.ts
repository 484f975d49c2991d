// Around: no package: fetch and Node's https speak HTTP and ranges, and registries are asked with few requests

export { basicOf, dockerCredentials } from './docker-config.ts';
export type { DownloadIdentity } from './http.ts';
export { type LayoutEntry, LayoutFile, type WrittenBlob, writeLayout } from './layout-file.ts';
export { type HttpMetadataOptions, HttpMetadataSource } from './metadata-source.ts';
export { expectOfFleet, voucherOf } from './offer-signature.ts';
export { RegistryClient, type RegistryClientOptions, type SmallDocument } from './registry-client.ts';
export { type RegistryAccess, registryUrl } from './registry-http.ts';
export { UploadFolder, type UploadMemory, usualUploadFolder } from './upload-memory.ts';
