// Around: aws4fetch

export { S3BlobStore, type S3Options } from './blob-store.ts';
