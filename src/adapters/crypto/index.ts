// Around: no package: node:crypto makes and compares the controller's secrets

export { nodeSecrets } from './node-secrets.ts';
