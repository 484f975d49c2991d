// Around: no package: node:crypto makes, compares and seals the controller's secrets, and signs and verifies metadata

export { isSealedKey, type KeyKind, newKeyFile, signerOf, trustKeyOf } from './key-file.ts';
export { nodeSecrets } from './node-secrets.ts';
export { nodeSumCrypto } from './node-sum-crypto.ts';
export { nodeTrustCrypto } from './node-trust-crypto.ts';
export { aesSecretBox, secretKeyBytes } from './secret-box.ts';
