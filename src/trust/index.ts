export {
  envelopeMediaType,
  expectEnvelopeOf,
  parseEnvelope,
  type Recipient,
  recipientOf,
  SealedEnvelope,
  SealedFile,
  sealedMediaType,
} from './encryption/envelope.ts';
