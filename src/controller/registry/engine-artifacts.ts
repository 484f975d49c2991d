import { type Clock, LimitError, MissingError, RefusedError } from '../../base/index.ts';
import {
  type DigestOf,
  type EngineOffer,
  engineArtifactType,
  engineKeyAnnotation,
  envelopeType,
  packEngine,
} from '../../model/index.ts';
import { BoundedMap } from '../quotas/bounded-map.ts';
import { TokenBucket } from '../quotas/token-bucket.ts';
import type { RegistryCaller } from './access.ts';
import type { BlobUploads } from './blob-uploads.ts';
import type { Manifests } from './manifests.ts';
import type { OrderedDigests } from './ordered-digests.ts';
import type { ManifestRecord } from './ports.ts';
import type { Repositories } from './repositories.ts';
import type { Repository } from './repository.ts';
import type { StoredBlobs } from './stored-blobs.ts';

/** Plans of one fingerprint: the first may be of no use, and nobody may keep others away by being first. */
const mostOfKey = 3;
/** Plans of one bundle: kinds of boards and drivers that a fleet has at a time. */
const mostOfBundle = 64;
const mostBytes = 2 ** 30;
/** What one device may send in a day. */
const bytesPerDay = 2 * mostBytes;
const mostDevices = 20_000;

export interface EngineArtifactsPorts {
  readonly repositories: Repositories;
  readonly uploads: BlobUploads;
  readonly manifests: Manifests;
  readonly stored: StoredBlobs;
  readonly ordered: OrderedDigests;
  readonly digestOf: DigestOf;
  readonly clock: Clock;
}

/**
 * Plans that devices built, as artifacts that refer to their bundle. Devices that take one check whose it is and hold it to
 * the golden set; here is only decided what may lie on this disk.
 */
export class EngineArtifacts {
  readonly #ports: EngineArtifactsPorts;
  readonly #sent = new BoundedMap<TokenBucket>(
    mostDevices,
    (nowMs) => new TokenBucket(bytesPerDay, 86_400_000, nowMs),
    (bucket, nowMs) => bucket.full(nowMs),
  );

  constructor(ports: EngineArtifactsPorts) {
    this.#ports = ports;
  }

  /** Rejects before a byte is read where the device may not give this plan. */
  async put(
    { caller, device }: RegistryCaller,
    bundle: string,
    offer: EngineOffer,
    plan: AsyncIterable<Uint8Array>,
  ): Promise<ManifestRecord> {
    const { ordered, uploads, manifests, digestOf } = this.#ports;
    if (device === undefined || !ordered.isOrdered(device, bundle)) throw notOrdered(bundle);
    const { repository, subject } = this.#subjectOf(bundle);
    await this.#expectPlain(subject);
    this.#expectRoom(repository, subject, offer, device);
    const { digest, mediaType, size } = subject;
    const packed = packEngine(offer, { mediaType, digest, size }, digestOf);
    const { name } = repository;
    const id = await uploads.begin(name, caller.tokenId);
    try {
      await uploads.finish(name, id, packed.plan.digest, atMost(plan, offer.plan.size), undefined);
    } catch (error) {
      // One whose digest was wrong is gone already.
      await uploads.cancel(name, id).catch(() => undefined);
      throw error;
    }
    await uploads.put(packed.offer.bytes, packed.offer.descriptor.digest);
    await uploads.link(name, [packed.offer.descriptor]);
    return manifests.put(name, packed.manifest.descriptor.digest, packed.manifest.bytes, {});
  }

  #subjectOf(bundle: string): { readonly repository: Repository; readonly subject: ManifestRecord } {
    for (const repository of this.#ports.repositories.all())
      for (const manifest of repository.manifests())
        if (manifest.bundle === bundle) return { repository, subject: manifest };
    throw new MissingError('manifest-unknown', `There is no model ${bundle} here.`, 'Push it.');
  }

  /** The plan of an encrypted model holds its weights. */
  async #expectPlain({ digest }: ManifestRecord): Promise<void> {
    const text = new TextDecoder().decode(await this.#ports.stored.readWhole(digest));
    if (!text.includes(envelopeType)) return;
    throw new RefusedError(
      'engine-encrypted',
      'The model is encrypted, and a plan of it would not be.',
      'Plans of encrypted models stay on their devices.',
    );
  }

  #expectRoom(
    repository: Repository,
    { digest }: ManifestRecord,
    { key, plan }: EngineOffer,
    device: string,
  ): void {
    const engines = repository
      .referrers(digest)
      .filter(({ artifactType }) => artifactType === engineArtifactType);
    const ofKey = engines.filter(({ annotations }) => annotations?.[engineKeyAnnotation] === key);
    if (ofKey.length >= mostOfKey || engines.length >= mostOfBundle)
      throw full(`${ofKey.length} plans of this kind and ${engines.length} of this model are here`);
    const nowMs = this.#ports.clock.monotonicMs();
    if (plan.size > mostBytes || !this.#sent.get(device, nowMs).spend(plan.size, nowMs))
      throw full(`${plan.size} bytes are more than a plan may have, or this device may send today`);
  }
}

async function* atMost(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of bytes) {
    seen += chunk.byteLength;
    if (seen > most) throw full(`the plan has more than the ${most} bytes that were offered`);
    yield chunk;
  }
}

function full(why: string): LimitError {
  return new LimitError(
    'engine-limit',
    `The plan is not taken: ${why}.`,
    'The device keeps its own all the same.',
  );
}

function notOrdered(bundle: string): RefusedError {
  return new RefusedError(
    'engine-not-ordered',
    `This device is not ordered to run ${bundle}.`,
    'Only who runs a model gives plans of it.',
  );
}
