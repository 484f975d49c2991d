import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { FollowedOrder, KeptProfile, LearnedProfile, ProfileStore } from '../../agent/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import { checkProfileModel, type ReferenceProfile } from '../../drift/index.ts';
import { writeFileAtomic } from '../../platform/index.ts';
import { LearnedProfiles } from './learned-profiles.ts';
import { readProfile, type UnpackProfile } from './profiles.ts';

const Orders = Type.Record(
  Type.String({ maxLength: 128 }),
  Type.Object({
    order: Type.String({ maxLength: 64 }),
    state: Type.Union([Type.Literal('done'), Type.Literal('failed')]),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
  }),
);

/** What came with the device or with the model, for one camera. Never rejects. */
export type FindShipped = (
  camera: string,
  modelDigest: string,
) => Promise<{
  /** Files to look at: the first that is of the model counts. */
  readonly paths: readonly string[];
  /** Network digest of the model; absent where its bundle is not known. */
  readonly network?: string;
}>;

/**
 * Reference profiles of a device: what it learned, in a folder of its own, one file per camera and network; else what came
 * with the model or the device. A learned one goes first: it is of this very camera.
 */
export class FilesystemProfileStore implements ProfileStore {
  readonly #folder: string;
  readonly #learned: LearnedProfiles;
  readonly #shipped: FindShipped;
  readonly #log: Log;
  readonly #unpack: UnpackProfile | undefined;
  #orders: Static<typeof Orders> | undefined;
  #following: Promise<void> = Promise.resolve();

  /** `unpack`: elsewhere than here and now. */
  constructor(folder: string, shipped: FindShipped, log: Log, unpack?: UnpackProfile) {
    this.#folder = folder;
    this.#learned = new LearnedProfiles(folder, log, unpack);
    this.#shipped = shipped;
    this.#log = log;
    this.#unpack = unpack;
  }

  async load(camera: string, modelDigest: string): Promise<KeptProfile | undefined> {
    const { paths, network } = await this.#shipped(camera, modelDigest);
    const learned = await this.#learned.load(camera, { digest: modelDigest, network });
    if (learned !== undefined) return boundTo(learned, modelDigest);
    let refusal: unknown;
    for (const path of paths) {
      try {
        const stored = await readProfile(path, this.#unpack);
        if (stored === undefined) continue;
        if (stored.profile.modelDigest !== network) checkProfileModel(stored.profile, modelDigest);
        return boundTo(stored, modelDigest);
      } catch (error) {
        // Another one may fit: one for the model before lies on beside it.
        refusal ??= error;
      }
    }
    if (refusal !== undefined) throw refusal;
    return undefined;
  }

  async save(camera: string, { profile, digest, bytes }: LearnedProfile): Promise<KeptProfile> {
    const { modelDigest } = profile;
    const { network } = await this.#shipped(camera, modelDigest);
    await this.#learned.save(camera, { digest: modelDigest, network }, bytes);
    return { profile, digest };
  }

  async followed(): Promise<ReadonlyMap<string, FollowedOrder>> {
    return new Map(Object.entries(await this.#read()));
  }

  /** One after the other: cameras may follow theirs at the same time, and all orders are one file. */
  follow(camera: string, order: FollowedOrder): Promise<void> {
    this.#following = this.#following.then(() => this.#follow(camera, order));
    return this.#following;
  }

  async #follow(camera: string, order: FollowedOrder): Promise<void> {
    const orders = { ...(await this.#read()), [camera]: order };
    this.#orders = orders;
    await writeFileAtomic(this.#ordersPath, JSON.stringify(orders)).catch((error: unknown) =>
      this.#log.warn('The learned profile was not stored; after a restart the camera learns again', {
        camera,
        reason: describeError(error),
      }),
    );
  }

  async #read(): Promise<Static<typeof Orders>> {
    if (this.#orders !== undefined) return this.#orders;
    try {
      const value: unknown = JSON.parse(await readFile(this.#ordersPath, 'utf8'));
      this.#orders = Value.Check(Orders, value) ? value : {};
    } catch {
      // Missing or damaged: an order that is followed twice does no harm.
      this.#orders = {};
    }
    return this.#orders;
  }

  get #ordersPath(): string {
    return join(this.#folder, 'orders.json');
  }
}

/** A profile of the same network is one of the model that runs: the monitor knows models by the digest of their bundle. */
function boundTo(
  { profile, ...stored }: KeptProfile,
  modelDigest: string,
): KeptProfile & { readonly profile: ReferenceProfile } {
  return { ...stored, profile: { ...profile, modelDigest } };
}
