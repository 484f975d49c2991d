// Around: no package: node:crypto makes, compares and seals the controller's secrets

export { nodeSecrets } from './node-secrets.ts';
export { aesSecretBox, secretKeyBytes } from './secret-box.ts';
