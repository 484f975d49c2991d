export {
  anchorBytes,
  directorRepository,
  directorRoot,
  imageRepository,
  maxAnchorBytes,
  parseAnchor,
  type TrustAnchor,
} from './authoring/anchor.ts';
export {
  type Holders,
  holdersOf,
  newRepository,
  type Term,
  targetsIn,
  withHolders,
  withoutKey,
  withTargets,
} from './authoring/changes.ts';
export {
  type Document,
  documentBytes,
  metaOf,
  newRoot,
  newSnapshot,
  newTargets,
  newTimestamp,
  type RoleHolders,
  signersOf,
  withSignature,
} from './authoring/documents.ts';
export {
  maxRepositoryBytes,
  parseRepositoryFile,
  type RepositoryFile,
  repositoryFileBytes,
} from './authoring/repository-file.ts';
export { type Signing, signingStatus, signWith } from './authoring/signing-status.ts';
export { type TrustLimits, trustLimits } from './client/limits.ts';
export {
  MetadataClient,
  type MetadataClientPorts,
  type MetadataSource,
  type MetadataStore,
  openTrusted,
} from './client/metadata-client.ts';
export { type RoleStanding, standingOf } from './client/standing.ts';
export { type RepositoryName, TrustedSet } from './client/trusted-set.ts';
export { type KeptTime, TrustedTime } from './client/trusted-time.ts';
export {
  expectEnvelopeOf,
  expectSealedSizes,
  maxEnvelopeBytes,
  parseSealedEnvelope,
  type Recipient,
  recipientOf,
  SealedEnvelope,
  SealedFile,
  sealedBytes,
  sealedChunkBytes,
  sealedTagBytes,
} from './encryption/envelope.ts';
export { canonicalText } from './format/canonical.ts';
export { parseEnvelope, type RoleKeys } from './format/envelope.ts';
export { FieldReader, type Fields, parseJson } from './format/fields.ts';
export { expectFile } from './format/hashes.ts';
export { type HashName, keyIdOf, type TrustCrypto, type TrustKey, type TrustSigner } from './format/keys.ts';
export type { FileFacts, Root, TargetFile, Targets, Timestamp } from './format/roles.ts';
export { parseRoot, parseTargets } from './format/roles.ts';
export { parseTimeMs, timeText } from './format/time.ts';
export { callPayload, callType, parseCall, type SignedCall, unverifiedRequest } from './orders/call.ts';
export {
  openSignedPayload,
  parseSignedPayload,
  type SignedPayload,
  signersIdOf,
  signPayload,
} from './orders/envelope.ts';
export { desiredOf, orderPayload, orderType, unverifiedDesired } from './orders/order.ts';
export { type Admission, admit, admitAgain, type DeviceFacts, type Refusal } from './release/admission.ts';
export { parseRelease, type Release, targetPath } from './release/release.ts';
