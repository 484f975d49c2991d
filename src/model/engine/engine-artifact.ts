import { Value } from '@sinclair/typebox/value';
import { encodeUtf8 } from '../../base/index.ts';
import { type Descriptor, ImageManifest } from '../artifact/descriptor.ts';
import { imageManifestType } from '../artifact/media-types.ts';
import type { DigestOf, NamedBytes } from '../artifact/pack.ts';
import type { EngineOffer } from './engine-offer.ts';

/** A plan in a registry: it refers to the artifact of its bundle, and its config is the offer of the device that built it. */
export const engineArtifactType = 'application/vnd.goshawk.engine.v1+json';
export const offerType = 'application/vnd.goshawk.engine.offer.v1+json';
const planType = 'application/vnd.goshawk.engine.plan.v1';

/** Of the artifact: for which fingerprint it is. */
export const engineKeyAnnotation = 'dev.goshawk.engine.key';
/** Of the artifact: which device brought it, and the sha256 of the certificate that vouches for it. The controller writes them. */
export const engineDeviceAnnotation = 'dev.goshawk.engine.device';
export const engineCertificateAnnotation = 'dev.goshawk.engine.certificate';

/** Where devices bring them to the controller, behind it the bundle's digest; the offer stands in the header, in base64url. */
export const enginePath = '/engines';
export const offerHeader = 'goshawk-engine-offer';

/** A certificate and a signature. */
export const largestOffer = 64_000;
/** In the header, in characters: Node reads 16 KiB of all headers of a request together, and others have to fit too. */
export const largestOfferHeader = 12_000;

/** Whose plan it is. */
export interface EngineVoucher {
  readonly device: string;
  /** sha256 of the certificate, hex. */
  readonly certificate: string;
}

export interface PackedEngine {
  readonly offer: NamedBytes;
  readonly manifest: NamedBytes;
  readonly plan: Descriptor;
}

/** `subject`: the bundle's artifact. */
export function packEngine(
  offer: EngineOffer,
  { device, certificate }: EngineVoucher,
  subject: Descriptor,
  digestOf: DigestOf,
): PackedEngine {
  const config = named(offerType, offer, digestOf);
  const plan = { mediaType: planType, digest: `sha256:${offer.plan.sha256}`, size: offer.plan.size };
  const image: ImageManifest = {
    schemaVersion: 2,
    mediaType: imageManifestType,
    artifactType: engineArtifactType,
    config: config.descriptor,
    layers: [plan],
    subject,
    annotations: {
      [engineKeyAnnotation]: offer.key,
      [engineDeviceAnnotation]: device,
      [engineCertificateAnnotation]: certificate,
    },
  };
  return { offer: config, manifest: named(imageManifestType, image, digestOf), plan };
}

/** Where the offer of such an artifact lies; undefined for what is none. */
export function offerIn(json: unknown): Descriptor | undefined {
  if (!Value.Check(ImageManifest, json) || json.artifactType !== engineArtifactType) return undefined;
  const { config } = json;
  return config.mediaType === offerType && config.size <= largestOffer ? config : undefined;
}

function named(mediaType: string, value: unknown, digestOf: DigestOf): NamedBytes {
  const bytes = encodeUtf8(JSON.stringify(value));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength } };
}
