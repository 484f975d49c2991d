// Around: no package: fetch speaks HTTP and ranges

export { DeviceRegistryClient, type RegistryAccess, type SmallDocument } from './device-registry-client.ts';
export { type DownloadOptions, download, type ExpectedFile } from './download.ts';
export { type DownloadIdentity, type Got, get } from './get.ts';
export { type HttpMetadataOptions, HttpMetadataSource } from './metadata-source.ts';
export { expectOfFleet, voucherOf } from './offer-signature.ts';
export { failureOf, refusalOf, refuseWebPage } from './refusal.ts';
export { readSmall } from './small.ts';
