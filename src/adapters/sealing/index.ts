// Around: no package: node:crypto has P-256, HKDF and AES-GCM

export { newBundleKey, planKeyOf, publicKeyDigest, unwrapKey, wrapKey } from './bundle-key.ts';
export { digestAndSeal, openSealed, sealFile } from './sealed-file.ts';
