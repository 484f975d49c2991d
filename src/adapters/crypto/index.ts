// Around: no package: node:crypto makes, compares and seals the controller's secrets, and verifies what was signed

export { nodeSecrets } from './node-secrets.ts';
export { nodeTrustCrypto } from './node-trust-crypto.ts';
export { aesSecretBox, secretKeyBytes } from './secret-box.ts';
