import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AwsClient } from 'aws4fetch';
import {
  backoffMs,
  type Clock,
  describeError,
  GoshawkError,
  MissingError,
  RefusedError,
  sleep,
} from '../../base/index.ts';
import {
  type BlobInfo,
  type BlobStore,
  type ByteRange,
  blobUnknown,
  type StagedBlob,
} from '../../controller/index.ts';
import { isDigest } from '../../model/index.ts';
import { readListPage } from './list-page.ts';

export interface S3Options {
  /** `https://host`, without the bucket, which is the first part of each path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Before every key; '' or with `/` at its end. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly clock: Clock;
  /** How often a request is sent in all. Default 4. */
  readonly tries?: number;
  /** A store that does not begin to answer for so long is given up. Default 60 s. */
  readonly silenceMs?: number;
}

interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => ReadableStream<Uint8Array>;
  readonly takes: readonly number[];
}

const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const patience = { firstMs: 300, maxMs: 5_000 };

/**
 * Blobs in an S3-compatible store, one object each, `<prefix>sha256/<hex>`. Each is one PUT that is signed with its sha256: the
 * store itself takes no other bytes, and nothing is there before it is whole.
 */
export class S3BlobStore implements BlobStore {
  readonly #options: S3Options;
  readonly #client: AwsClient;

  constructor(options: S3Options) {
    const { accessKeyId, secretAccessKey, region } = options;
    this.#options = options;
    this.#client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  }

  async stat(digest: string): Promise<BlobInfo | undefined> {
    if (!isDigest(digest)) return undefined;
    const { status, headers } = await this.#send({ method: 'HEAD', key: keyOf(digest), takes: [200, 404] });
    if (status === 404) return undefined;
    return {
      digest,
      size: Number(headers.get('content-length')),
      modifiedMs: Date.parse(headers.get('last-modified') ?? '') || 0,
    };
  }

  /** The store checks what it keeps, and a device what it gets. */
  verify(digest: string): Promise<BlobInfo | undefined> {
    return this.stat(digest);
  }

  async read(digest: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    if (!isDigest(digest)) throw blobUnknown(digest);
    const headers: Record<string, string> =
      range === undefined ? {} : { range: `bytes=${range.from}-${range.to}` };
    const takes = range === undefined ? [200, 404] : [206, 404];
    const answer = await this.#send({ method: 'GET', key: keyOf(digest), takes, headers });
    if (answer.status === 404) {
      await answer.body?.cancel();
      throw blobUnknown(digest);
    }
    return answer.body ?? nothing();
  }

  async take({ digest, size, file }: StagedBlob): Promise<void> {
    const answer = await this.#send({
      ...{ method: 'PUT', key: keyOf(digest), takes: [200] },
      headers: {
        'content-length': String(size),
        'content-type': 'application/octet-stream',
        'x-amz-content-sha256': digest.slice('sha256:'.length),
      },
      body: () => Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
    });
    await answer.body?.cancel();
    await rm(file, { force: true });
  }

  async delete(digest: string): Promise<void> {
    if (!isDigest(digest)) return;
    const answer = await this.#send({ method: 'DELETE', key: keyOf(digest), takes: [200, 204, 404] });
    await answer.body?.cancel();
  }

  /** Asks once for a list: rejects where the store, its bucket or the keys are not as the settings say. */
  async tryOnce(): Promise<void> {
    const query = { 'list-type': '2', 'max-keys': '1', prefix: `${this.#options.prefix}sha256/` };
    const answer = await this.#send({ method: 'GET', key: '', query, takes: [200] });
    if (readListPage(await answer.text()) === undefined) throw this.#notAList();
  }

  async *list(): AsyncGenerator<BlobInfo> {
    const { prefix } = this.#options;
    const start = `${prefix}sha256/`;
    for (let token: string | undefined; ; ) {
      const more: Record<string, string> = token === undefined ? {} : { 'continuation-token': token };
      const query = { 'list-type': '2', prefix: start, ...more };
      const answer = await this.#send({ method: 'GET', key: '', query, takes: [200] });
      const page = readListPage(await answer.text());
      if (page === undefined) throw this.#notAList();
      for (const { key, size, modifiedMs } of page.objects) {
        const digest = `sha256:${key.slice(start.length)}`;
        if (key.startsWith(start) && isDigest(digest)) yield { digest, size, modifiedMs };
      }
      token = page.next;
      if (token === undefined) return;
    }
  }

  async #send(request: S3Request): Promise<Response> {
    const { clock, tries = 4 } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#once(request);
        if (request.takes.includes(answer.status)) return answer;
        const failure = await this.#refusal(request, answer);
        if (!(failure instanceof MissingError) || attempt >= tries) throw failure;
      } catch (error) {
        if (error instanceof GoshawkError) throw error;
        if (attempt >= tries) {
          const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
          throw this.#failed(describeError(cause), error);
        }
      }
      await sleep(clock, backoffMs(patience, attempt - 1, Math.random));
    }
  }

  async #once({ method, key, query = {}, headers, body }: S3Request): Promise<Response> {
    const { endpoint, bucket, prefix, silenceMs = 60_000 } = this.#options;
    const url = new URL(`${endpoint.replace(/\/+$/, '')}/${bucket}/${key === '' ? '' : `${prefix}${key}`}`);
    // A blank as %20: what is signed has that, and a server may take a "+" for itself.
    url.search = Object.entries(query)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    const unsigned = { 'x-amz-content-sha256': emptyHash, ...headers };
    const signed = await this.#client.sign(url, { method, headers: unsigned });
    const stop = new AbortController();
    // A body takes as long as it takes.
    const timer = body === undefined ? setTimeout(() => stop.abort(), silenceMs) : undefined;
    const init: RequestInit & { duplex?: 'half' } = {
      ...{ method, headers: signed.headers, redirect: 'error', signal: stop.signal },
      ...(body === undefined ? {} : { body: body(), duplex: 'half' }),
    };
    return fetch(url, init).finally(() => clearTimeout(timer));
  }

  async #refusal({ method, key }: S3Request, answer: Response): Promise<GoshawkError> {
    const code = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(
      (await answer.text().catch(() => '')).slice(0, 16_384),
    )?.[1];
    const what = `${method} of ${key || 'the list'} was answered with ${answer.status}${code === undefined ? '' : ` ${code}`}`;
    if (answer.status === 401 || answer.status === 403)
      return new RefusedError(
        's3-refused',
        `The store at ${this.#options.endpoint} refuses the bucket ${this.#options.bucket}: ${what}.`,
        'Check registry.s3: bucket, region, credentialsFile, and the clock of this machine.',
      );
    if (answer.status >= 500 || answer.status === 429) return this.#failed(what);
    return new GoshawkError(
      's3-answer',
      `The store at ${this.#options.endpoint} did not do it: ${what}.`,
      'Check registry.s3: endpoint, bucket and region.',
    );
  }

  #notAList(): MissingError {
    return this.#failed('the answer is not a list of objects');
  }

  #failed(what: string, cause?: unknown): MissingError {
    return new MissingError(
      's3-unreachable',
      `The store at ${this.#options.endpoint} is not well: ${what}.`,
      'Check the address, and that the store is running. You can repeat the upload.',
      { cause },
    );
  }
}

function keyOf(digest: string): string {
  return digest.replace(':', '/');
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
