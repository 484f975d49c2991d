import {
  type DownloadIdentity,
  download,
  failureOf,
  type Got,
  get,
  refusalOf,
} from '../../adapters/downloads/index.ts';
import {
  type DamagedBundle,
  digestOf,
  FilesystemModelStore,
  readBundle,
} from '../../adapters/filesystem/index.ts';
import type { ModelStore, Progress } from '../../agent/index.ts';
import { CancelledError, describeError, InputError } from '../../base/index.ts';
import { type Bundle, bundleFiles, parseManifest } from '../../model/index.ts';
import type { DesiredModel } from '../../protocol/index.ts';

/** A manifest is a few kB, some more with many labels; more than this is not one. */
const largestManifest = 1_000_000;

/** How this device shows the controller that it may fetch models. */
export interface DownloadAccess {
  readonly token?: string | undefined;
  /** Asked for each download: it may come later, and is renewed. */
  readonly identity?: (() => DownloadIdentity | undefined) | undefined;
}

/** The agent's model store: bundles on the disk, new ones from the controller by HTTP. */
export class DeviceModels implements ModelStore {
  readonly #store: FilesystemModelStore;
  readonly #access: DownloadAccess;
  /** Bundles that came with the device and that the disk did not take, where they lie. */
  readonly #elsewhere = new Map<string, Bundle>();

  constructor(folder: string, access: DownloadAccess = {}, onDamage?: (damaged: DamagedBundle) => void) {
    this.#store = new FilesystemModelStore(folder, onDamage);
    this.#access = access;
  }

  async find(digest: string): Promise<Bundle | undefined> {
    return (await this.#store.getIntact(digest)) ?? this.#elsewhere.get(digest);
  }

  /** Takes over a bundle that came with the device; where the disk does not take it, it is used where it lies. */
  async importFolder(folder: string, onRefusal: (reason: string) => void): Promise<Bundle> {
    try {
      return await this.#store.importFolder(folder);
    } catch (error) {
      const bundle = await readBundle(folder, 'digests');
      this.#elsewhere.set(bundle.digest, bundle);
      onRefusal(describeError(error));
      return bundle;
    }
  }

  async download(
    { name, version, digest, url }: DesiredModel,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    if ((await this.find(digest)) !== undefined) return;
    if (url === undefined) {
      // Asking again will not bring an address: an InputError is not tried again.
      throw new InputError(
        'model-unknown',
        `This device has no model ${name} ${version} (${digest}), and the order does not say where to fetch it.`,
        'Push the bundle to the controller, and give the controller a publicUrl that devices reach.',
      );
    }
    const base = url.replace(/\/+$/, '');
    const options = { signal, ...this.#shown() };
    // One model is fetched at a time; what an earlier order left half done only takes room.
    await this.#store.removeDownloadsExcept(digest);
    const staging = await this.#store.stage(digest);
    const manifest = await this.#manifest(`${base}/manifest.json`, digest, signal);
    await staging.write('manifest.json', manifest);
    const files = bundleFiles(parseManifest(manifest, `${base}/manifest.json`));
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let before = 0;
    for (const file of files) {
      const onBytes = (bytes: number) => progress(total === 0 ? 1 : (before + bytes) / total);
      await download(`${base}/${file.path}`, await staging.pathOf(file.path), file, { ...options, onBytes });
      before += file.size;
    }
  }

  async verify(digest: string): Promise<Bundle> {
    return (await this.find(digest)) ?? (await this.#store.stage(digest)).commit();
  }

  async keepOnly(digests: readonly string[]): Promise<void> {
    for (const digest of await this.#store.digests())
      if (!digests.includes(digest)) await this.#store.remove(digest);
  }

  #shown(): { readonly token?: string; readonly identity?: DownloadIdentity } {
    const { token } = this.#access;
    const identity = this.#access.identity?.();
    return { ...(token === undefined ? {} : { token }), ...(identity === undefined ? {} : { identity }) };
  }

  /** The manifest's digest is the bundle's own; its size is not known before, so it is bounded. */
  async #manifest(url: string, digest: string, signal: AbortSignal): Promise<string> {
    const { token, identity } = this.#shown();
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    let bytes: Uint8Array;
    try {
      const response = await get(url, { headers, signal, ...(identity === undefined ? {} : { identity }) });
      if (!response.ok) throw refusalOf(url, response.status);
      bytes = await firstBytes(response, largestManifest);
    } catch (error) {
      if (signal.aborted) throw new CancelledError(`The download of ${url}`, { cause: error });
      throw failureOf(url, error);
    }
    if (digestOf(bytes) !== digest) {
      throw new InputError(
        'download-mismatch',
        `The manifest at ${url} has the digest ${digestOf(bytes)}; ${digest} was ordered.`,
        'The server holds another bundle there. Push the right one.',
      );
    }
    return new TextDecoder().decode(bytes);
  }
}

/** The body, unless it is longer than `most`: then its beginning, whose digest fits nothing. */
async function firstBytes(response: Got, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > most) break;
  }
  return Buffer.concat(chunks);
}
