// Around: @peculiar/x509 with reflect-metadata: it asks for that to be loaded before it

export {
  authorityExists,
  authorityFiles,
  initAuthority,
  type NewAuthority,
  openAuthority,
  renewIntermediate,
} from './authority-folder.ts';
export { certificatesFrom, certsOnly } from './certs-only.ts';
export { FileKeyStore } from './file-key-store.ts';
export { deviceKeyFile, IdentityFolder } from './identity-folder.ts';
export { sealedSuffix } from './key-file.ts';
export type { KeyMaker } from './key-maker.ts';
export { LocalAuthority } from './local-authority.ts';
export { issueOwn, type OwnCertificate } from './own-certificate.ts';
export { readRequest } from './read-request.ts';
export { SealedKeyFile } from './sealed-key-file.ts';
