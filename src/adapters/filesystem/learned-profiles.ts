import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, GoshawkError, type Log } from '../../base/index.ts';
import { checkProfileModel } from '../../drift/index.ts';
import { explainFileError, systemCode, writeFileAtomic } from '../../platform/index.ts';
import { readProfile, type StoredProfile, setAside, type UnpackProfile } from './profiles.ts';

/** The model that a profile is for. */
export interface ProfiledModel {
  readonly digest: string;
  /** Its network digest; undefined where its bundle is not known. */
  readonly network: string | undefined;
}

/**
 * What a device learned, one file per camera and network: `<camera>-<bundle>-<network>.json`, the first 16 hex digits of
 * either digest. The bundle is the one that ran while it was learned, which the file names inside too; one with another
 * digest and the same network is served by the same file. Without the network: that of a bundle that is not known.
 */
export class LearnedProfiles {
  readonly #folder: string;
  readonly #log: Log;
  readonly #unpack: UnpackProfile | undefined;

  constructor(folder: string, log: Log, unpack: UnpackProfile | undefined) {
    this.#folder = folder;
    this.#log = log;
    this.#unpack = unpack;
  }

  /** A damaged one is set aside, so that learning anew, or one that was shipped, is not kept out by it for ever. */
  async load(camera: string, model: ProfiledModel): Promise<StoredProfile | undefined> {
    for (const file of await this.#files(camera, model)) {
      const path = join(this.#folder, file.name);
      try {
        const stored = await readProfile(path, this.#unpack);
        if (stored === undefined) continue;
        if (short(stored.profile.modelDigest) !== file.bundle)
          checkProfileModel(stored.profile, model.digest);
        return stored;
      } catch (error) {
        // The thread that read it died: that says nothing about the file.
        if (error instanceof GoshawkError && error.code === 'profile-failed') throw error;
        const aside = await setAside(path);
        this.#log.error('The learned drift profile was set aside', { aside, reason: describeError(error) });
      }
    }
    return undefined;
  }

  async save(camera: string, model: ProfiledModel, bytes: Uint8Array): Promise<void> {
    const older = await this.#files(camera, model).catch(() => []);
    const name = nameOf(camera, model);
    await writeFileAtomic(join(this.#folder, name), bytes);
    for (const file of older)
      if (file.name !== name) await rm(join(this.#folder, file.name), { force: true }).catch(() => undefined);
  }

  /** That are for a model: those of its very bundle first, then the newest. */
  async #files(camera: string, { digest, network }: ProfiledModel): Promise<readonly LearnedFile[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw explainFileError(error, 'list the drift profiles', this.#folder);
    });
    const files: (LearnedFile & { readonly changedMs: number })[] = [];
    for (const name of names) {
      const [, bundle, ofNetwork] =
        fileName.exec(name.startsWith(`${camera}-`) ? name.slice(camera.length) : '') ?? [];
      if (bundle === undefined) continue;
      const fits = bundle === short(digest) || (network !== undefined && ofNetwork === short(network));
      if (!fits) continue;
      const changedMs = await stat(join(this.#folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      );
      files.push({ name, bundle, network: ofNetwork, changedMs });
    }
    const own = (file: LearnedFile) => (file.bundle === short(digest) ? 1 : 0);
    return files.sort((a, b) => own(b) - own(a) || b.changedMs - a.changedMs);
  }
}

interface LearnedFile {
  readonly name: string;
  readonly bundle: string;
  readonly network: string | undefined;
}

/** Behind the name of the camera. */
const fileName = /^-([0-9a-f]{16})(?:-([0-9a-f]{16}))?\.json$/;

function nameOf(camera: string, { digest, network }: ProfiledModel): string {
  const parts = [camera, short(digest), ...(network === undefined ? [] : [short(network)])];
  return `${parts.join('-')}.json`;
}

function short(digest: string): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 16);
}
