export {
  encryptedArtifactType,
  expectEnvelopeOf,
  parseEnvelope,
  type Recipient,
  recipientOf,
  SealedEnvelope,
  SealedFile,
} from './encryption/envelope.ts';
