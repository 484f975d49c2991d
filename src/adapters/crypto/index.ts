// Around: nothing outside Node, because node:crypto makes and compares the controller's secrets

export { nodeSecrets } from './node-secrets.ts';
