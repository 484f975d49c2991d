// Around: no package: fetch speaks HTTP, and registries are asked with few requests

export { type Credentials, dockerCredentials } from './docker-config.ts';
export { type LayoutEntry, LayoutFile, type WrittenBlob, writeLayout } from './layout-file.ts';
export { RegistryClient, type RegistryClientOptions } from './registry-client.ts';
export { registryUrl } from './registry-http.ts';
export { UploadFolder, type UploadMemory, usualUploadFolder } from './upload-memory.ts';
