import type { DownloadIdentity } from '../../../adapters/downloads/index.ts';
import {
  download,
  failureOf,
  get,
  readSmall,
  refusalOf,
  refuseWebPage,
} from '../../../adapters/downloads/index.ts';
import { digestOf } from '../../../adapters/filesystem/index.ts';
import { CancelledError, defined, InputError } from '../../../base/index.ts';
import type { DesiredModel } from '../../../protocol/index.ts';
import { type BundleSource, type FetchOptions, largestManifest, type WantedFile } from './bundle-source.ts';

/** The folder of a bundle at the address that the order names, as controllers without a registry serve it. */
export class OrderSource implements BundleSource {
  readonly where: string;
  readonly #shown: () => { readonly token?: string; readonly identity?: DownloadIdentity };

  constructor(url: string, shown: OrderSource['shown']) {
    this.where = url.replace(/\/+$/, '');
    this.#shown = shown;
  }

  get shown(): () => { readonly token?: string; readonly identity?: DownloadIdentity } {
    return this.#shown;
  }

  /** The manifest's digest is the bundle's own; its size is not known before, so it is bounded. */
  async manifest({ digest }: DesiredModel, signal: AbortSignal): Promise<Uint8Array> {
    const url = `${this.where}/manifest.json`;
    const { token, identity } = this.#shown();
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    let bytes: Uint8Array;
    try {
      const response = await get(url, { headers, signal, ...defined({ identity }) });
      if (!response.ok) throw refusalOf(url, response);
      refuseWebPage(url, response);
      bytes = await readSmall(response, largestManifest, url);
    } catch (error) {
      if (signal.aborted) throw new CancelledError(`The download of ${url}`, { cause: error });
      throw failureOf(url, error);
    }
    if (digestOf(bytes) === digest) return bytes;
    throw new InputError(
      'download-mismatch',
      `The manifest at ${url} has the digest ${digestOf(bytes)}; ${digest} was ordered.`,
      'The server holds another bundle there. Push the right one.',
    );
  }

  async fetch(
    _model: DesiredModel,
    { path, ...file }: WantedFile,
    target: string,
    options: FetchOptions,
  ): Promise<void> {
    await download(`${this.where}/${path}`, target, file, { ...options, ...this.#shown() });
  }

  async forms(): Promise<readonly []> {
    return [];
  }

  async envelope(): Promise<undefined> {
    return undefined;
  }
}
