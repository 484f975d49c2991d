import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { FollowedOrder, KeptProfile, LearnedProfile, ProfileStore } from '../../agent/index.ts';
import { describeError, GoshawkError, type Log } from '../../base/index.ts';
import { checkProfileModel } from '../../drift/index.ts';
import { writeFileAtomic } from '../../platform/index.ts';
import { readProfile, type StoredProfile, setAside, type UnpackProfile } from './profiles.ts';

const Orders = Type.Record(
  Type.String({ maxLength: 128 }),
  Type.Object({
    order: Type.String({ maxLength: 64 }),
    state: Type.Union([Type.Literal('done'), Type.Literal('failed')]),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
  }),
);

/**
 * Reference profiles of a device: what it learned, in a folder of its own, one file per camera and model; else what came
 * with the device. A learned one goes first: it is of this very camera.
 */
export class FilesystemProfileStore implements ProfileStore {
  readonly #folder: string;
  readonly #shipped: (camera: string) => readonly string[];
  readonly #log: Log;
  readonly #unpack: UnpackProfile | undefined;
  #orders: Static<typeof Orders> | undefined;
  #following: Promise<void> = Promise.resolve();

  /** `shipped`: files to look at for a camera, the first that is there counts. `unpack`: elsewhere than here and now. */
  constructor(
    folder: string,
    shipped: (camera: string) => readonly string[],
    log: Log,
    unpack?: UnpackProfile,
  ) {
    this.#folder = folder;
    this.#shipped = shipped;
    this.#log = log;
    this.#unpack = unpack;
  }

  async load(camera: string, modelDigest: string): Promise<KeptProfile | undefined> {
    const learned = await this.#learned(camera, modelDigest);
    if (learned !== undefined) return learned;
    for (const path of this.#shipped(camera)) {
      const stored = await readProfile(path, this.#unpack);
      if (stored === undefined) continue;
      checkProfileModel(stored.profile, modelDigest);
      return stored;
    }
    return undefined;
  }

  async save(camera: string, { profile, digest, bytes }: LearnedProfile): Promise<KeptProfile> {
    await writeFileAtomic(this.#path(camera, profile.modelDigest), bytes);
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
      this.#log.warn('What was learned was not noted; after a restart it is learned again', {
        camera,
        reason: describeError(error),
      }),
    );
  }

  /** A damaged one is set aside, so that learning anew, or the shipped one, is not kept out by it for ever. */
  async #learned(camera: string, modelDigest: string): Promise<StoredProfile | undefined> {
    const path = this.#path(camera, modelDigest);
    try {
      const stored = await readProfile(path, this.#unpack);
      if (stored !== undefined) checkProfileModel(stored.profile, modelDigest);
      return stored;
    } catch (error) {
      // The thread that read it died: that says nothing about the file.
      if (error instanceof GoshawkError && error.code === 'profile-failed') throw error;
      const aside = await setAside(path);
      this.#log.error('The learned drift profile was set aside', { aside, reason: describeError(error) });
      return undefined;
    }
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

  #path(camera: string, modelDigest: string): string {
    return join(this.#folder, `${camera}-${modelDigest.slice('sha256:'.length, 'sha256:'.length + 16)}.json`);
  }
}
