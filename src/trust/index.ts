export { type TrustLimits, trustLimits } from './client/limits.ts';
export {
  MetadataClient,
  type MetadataClientPorts,
  type MetadataSource,
  type MetadataStore,
} from './client/metadata-client.ts';
export { TrustedSet } from './client/trusted-set.ts';
export { canonicalText } from './format/canonical.ts';
export { expectFile } from './format/hashes.ts';
export { fromHex, toHex } from './format/hex.ts';
export { type HashName, keyIdOf, type TrustCrypto, type TrustKey, type TrustSigner } from './format/keys.ts';
export type { FileFacts, Root, TargetFile, Targets, Timestamp } from './format/roles.ts';
export { parseTimeMs, timeText } from './format/time.ts';
