// Around: no package: OpenSC's pkcs11-tool makes keys, and OpenSSL's PKCS #11 provider lets Node sign with them

export { isKeyReference, keyReference } from './key-reference.ts';
export { findProvider, providerConfig } from './provider-config.ts';
export type { Token } from './token.ts';
export { runTool, TokenKeyMaker, type ToolRunner } from './token-key-maker.ts';
