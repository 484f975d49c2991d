import { type Clock, describeError, type Log, MissingError, RefusedError } from '../../base/index.ts';
import {
  type DigestOf,
  type EngineOffer,
  type EngineVoucher,
  engineArtifactType,
  engineDeviceAnnotation,
  engineKeyAnnotation,
  envelopeType,
  packEngine,
} from '../../model/index.ts';
import { BoundedMap } from '../quotas/bounded-map.ts';
import { TokenBucket } from '../quotas/token-bucket.ts';
import type { RegistryCaller } from './access.ts';
import type { BlobUploads } from './blob-uploads.ts';
import { type EngineLimits, EnginePlaces, engineLimit, type HeldEngine } from './engine-places.ts';
import { withoutDeadEngines } from './garbage.ts';
import type { Manifests } from './manifests.ts';
import type { OrderedDigests } from './ordered-digests.ts';
import type { BlobStore, ManifestRecord } from './ports.ts';
import { readBlob } from './read-blob.ts';
import type { Repositories } from './repositories.ts';
import type { Repository } from './repository.ts';

const mostBytes = 2 ** 30;
/** What one device may send in a day. */
const bytesPerDay = 2 * mostBytes;
const mostDevices = 20_000;

/** Port: who vouches for plans. */
export interface EngineVouchers {
  /** RefusedError where the signature is wrong, or no certificate that is good now is behind it. */
  of(offer: EngineOffer): EngineVoucher;
  isGood(certificate: string | undefined): boolean;
}

export interface EngineArtifactsPorts {
  readonly repositories: Repositories;
  readonly uploads: BlobUploads;
  readonly manifests: Manifests;
  readonly blobs: BlobStore;
  /** Where devices look for a bundle. */
  readonly models: { repositoryOf(bundle: string): string | undefined };
  readonly ordered: OrderedDigests;
  readonly vouchers: EngineVouchers;
  readonly digestOf: DigestOf;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Plans that devices built, as artifacts that refer to their bundle. One lies here as long as its bundle and the certificate
 * that vouches for it. Devices that take one check that too, and hold it to the golden set.
 */
export class EngineArtifacts {
  readonly #ports: EngineArtifactsPorts;
  readonly #places: EnginePlaces;
  readonly #sent = new BoundedMap<TokenBucket>(
    mostDevices,
    (nowMs) => new TokenBucket(bytesPerDay, 86_400_000, nowMs),
    (bucket, nowMs) => bucket.full(nowMs),
  );

  constructor(ports: EngineArtifactsPorts, limits: Partial<EngineLimits> = {}) {
    this.#ports = ports;
    this.#places = new EnginePlaces(limits);
  }

  /** Rejects before a byte is read where the device may not give this plan. */
  async put(
    { caller, device }: RegistryCaller,
    bundle: string,
    offer: EngineOffer,
    plan: AsyncIterable<Uint8Array>,
  ): Promise<ManifestRecord> {
    const { ordered, manifests, digestOf } = this.#ports;
    if (device === undefined || !ordered.isOrdered(device, bundle)) throw notOrdered(bundle);
    const voucher = this.#vouchedBy(device, offer);
    const { repository, subject } = this.#subjectOf(bundle);
    await this.#expectPlain(subject);
    const { digest, mediaType, size } = subject;
    const wanted: HeldEngine = { device, key: offer.key, subject: digest, bytes: offer.plan.size };
    this.#places.take(wanted, this.#held());
    try {
      this.#spend(device, offer.plan.size);
      const packed = packEngine(offer, voucher, { mediaType, digest, size }, digestOf);
      const { name } = repository;
      await this.#upload(name, caller.tokenId, packed.plan, plan);
      await this.#ports.uploads.put(packed.offer.bytes, packed.offer.descriptor.digest);
      await this.#ports.uploads.link(name, [packed.offer.descriptor]);
      // Once more: half an hour may have passed.
      const expect = (now: Repository) => {
        if (now.manifest(digest) === undefined) throw modelGone(bundle);
        this.#vouchedBy(device, offer);
        this.#places.expectRoom(wanted, this.#held());
      };
      return await manifests.put(name, packed.manifest.descriptor.digest, packed.manifest.bytes, { expect });
    } finally {
      this.#places.leave(wanted);
    }
  }

  /** Deletes those whose bundle or certificate is gone. What fails is told, and tried again at the next sweep. */
  async dropDead(): Promise<void> {
    const { repositories, vouchers, log } = this.#ports;
    for (const { name } of [...repositories.all()])
      await repositories
        .change(name, (now) => withoutDeadEngines(now, (one) => vouchers.isGood(one)))
        .catch((error: unknown) =>
          log.warn('Plans without a valid voucher could not be deleted', {
            repository: name,
            cause: describeError(error),
          }),
        );
  }

  #vouchedBy(device: string, offer: EngineOffer): EngineVoucher {
    const voucher = this.#ports.vouchers.of(offer);
    if (voucher.device === device) return voucher;
    throw new RefusedError(
      'engine-offer-signature',
      `The plan is vouched for by ${voucher.device}, and not by ${device}, which brings it.`,
      'A device gives plans that it built itself.',
    );
  }

  async #upload(
    name: string,
    token: string,
    { digest, size }: { readonly digest: string; readonly size: number },
    plan: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { uploads } = this.#ports;
    const id = await uploads.begin(name, token);
    try {
      await uploads.finish(name, id, digest, atMost(plan, size), undefined);
    } catch (error) {
      // One whose digest was wrong is gone already.
      await uploads.cancel(name, id).catch(() => undefined);
      throw error;
    }
  }

  #subjectOf(bundle: string): { readonly repository: Repository; readonly subject: ManifestRecord } {
    const { repositories, models } = this.#ports;
    const repository = repositories.get(models.repositoryOf(bundle) ?? '');
    const [subject] = repository?.bundleManifests(bundle) ?? [];
    if (repository === undefined || subject === undefined) throw modelGone(bundle);
    return { repository, subject };
  }

  /** The plan of an encrypted model holds its weights. */
  async #expectPlain({ digest }: ManifestRecord): Promise<void> {
    const text = new TextDecoder().decode(await readBlob(this.#ports.blobs, digest));
    if (!text.includes(envelopeType)) return;
    throw new RefusedError(
      'engine-encrypted',
      'The model is encrypted, and a plan of it would not be.',
      'Plans of encrypted models stay on their devices.',
    );
  }

  #held(): HeldEngine[] {
    return [...this.#ports.repositories.all()].flatMap((repository) =>
      [...repository.manifests()].flatMap(({ artifactType, annotations, subject, blobs }) =>
        artifactType === engineArtifactType
          ? {
              device: annotations?.[engineDeviceAnnotation] ?? '',
              key: annotations?.[engineKeyAnnotation] ?? '',
              subject: subject ?? '',
              bytes: blobs.reduce((sum, digest) => sum + (repository.blob(digest)?.size ?? 0), 0),
            }
          : [],
      ),
    );
  }

  /** The announced size counts, so that a false one costs only its sender. */
  #spend(device: string, bytes: number): void {
    const nowMs = this.#ports.clock.monotonicMs();
    if (bytes > mostBytes || !this.#sent.get(device, nowMs).spend(bytes, nowMs))
      throw engineLimit(`${bytes} bytes are more than a plan may have, or this device may send today`);
  }
}

async function* atMost(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of bytes) {
    seen += chunk.byteLength;
    if (seen > most) throw engineLimit(`the plan has more than the ${most} bytes that were offered`);
    yield chunk;
  }
}

function modelGone(bundle: string): MissingError {
  return new MissingError('manifest-unknown', `There is no model ${bundle} here.`, 'Push it.');
}

function notOrdered(bundle: string): RefusedError {
  return new RefusedError(
    'engine-not-ordered',
    `This device is not ordered to run ${bundle}.`,
    'Only who runs a model gives plans of it.',
  );
}
