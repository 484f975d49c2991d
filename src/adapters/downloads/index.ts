// Around: no package: fetch speaks HTTP and ranges

export { type DownloadOptions, download, failureOf, refusalOf } from './download.ts';
export { type DownloadIdentity, type Got, get } from './get.ts';
export { type HttpMetadataOptions, HttpMetadataSource } from './metadata-source.ts';
