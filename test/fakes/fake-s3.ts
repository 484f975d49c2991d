import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * An S3-compatible store in memory that takes nothing that is not signed as "Signature Version 4" says; written from that
 * document and not from the package that signs. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
const hashOf = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

export class FakeS3 {
  readonly objects = new Map<string, { bytes: Buffer; modified: Date }>();
  readonly accessKeyId = 'AKIDEXAMPLE';
  readonly secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  readonly bucket = 'models';
  readonly region = 'eu-central-1';
  /** Of a list. */
  pageSize = 2;
  /** So many requests are answered with 503 first. */
  failures = 0;
  requests = 0;
  endpoint = '';
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async open(): Promise<FakeS3> {
    const store = new FakeS3();
    await new Promise<void>((resolve) => store.#server.listen(0, '127.0.0.1', resolve));
    store.endpoint = `http://127.0.0.1:${(store.#server.address() as AddressInfo).port}`;
    return store;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    this.requests += 1;
    const refuse = (status: number, code: string) =>
      response
        .writeHead(status, { 'content-type': 'application/xml' })
        .end(`<Error><Code>${code}</Code></Error>`);
    if (this.failures > 0) {
      this.failures -= 1;
      refuse(503, 'SlowDown');
      return;
    }
    const wrong = this.#wrongWith(request, body);
    if (wrong !== undefined) refuse(wrong === 'XAmzContentSHA256Mismatch' ? 400 : 403, wrong);
    else this.#serve(request, body, response, refuse);
  }

  #serve(
    { method, url = '', headers }: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    refuse: (status: number, code: string) => unknown,
  ): unknown {
    const { pathname, searchParams } = new URL(url, this.endpoint);
    const [, bucket, ...rest] = decodeURIComponent(pathname).split('/');
    const key = rest.join('/');
    if (bucket !== this.bucket) return refuse(404, 'NoSuchBucket');
    if (method === 'GET' && key === '') return response.end(this.#list(searchParams));
    const found = this.objects.get(key);
    if (method === 'PUT') {
      if (headers['content-length'] === undefined) return refuse(411, 'MissingContentLength');
      this.objects.set(key, { bytes: body, modified: new Date() });
      return response.end();
    }
    if (method === 'DELETE') {
      this.objects.delete(key);
      return response.writeHead(204).end();
    }
    if (found === undefined) return refuse(404, 'NoSuchKey');
    const fields = { 'last-modified': found.modified.toUTCString() };
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const bytes = from === undefined ? found.bytes : found.bytes.subarray(Number(from), Number(to) + 1);
    response.writeHead(from === undefined ? 200 : 206, { ...fields, 'content-length': bytes.length });
    return response.end(method === 'HEAD' ? undefined : bytes);
  }

  #list(query: URLSearchParams): string {
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()]
      .sort()
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after);
    const page = keys.slice(0, this.pageSize);
    const more = keys.length > page.length;
    const contents = page.map((key) => {
      const { bytes, modified } = this.objects.get(key) as { bytes: Buffer; modified: Date };
      return `<Contents><Key>${key}</Key><LastModified>${modified.toISOString()}</LastModified><Size>${bytes.length}</Size></Contents>`;
    });
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}${next}</ListBucketResult>`;
  }

  #wrongWith({ method = '', url = '', headers }: IncomingMessage, body: Buffer): string | undefined {
    const [, key, scope, signed = '', signature] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      ) ?? [];
    const time = String(headers['x-amz-date']);
    const day = time.slice(0, 8);
    if (key !== this.accessKeyId) return 'InvalidAccessKeyId';
    if (scope !== `${day}/${this.region}/s3/aws4_request`) return 'AuthorizationHeaderMalformed';
    const content = String(headers['x-amz-content-sha256']);
    if (content !== hashOf(body)) return 'XAmzContentSHA256Mismatch';
    const names = signed.split(';');
    if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.includes(name)))
      return 'SignatureDoesNotMatch';
    const { pathname, search } = new URL(url, this.endpoint);
    const encode = (text: string) =>
      encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    // A "+" is one: moto takes it so, and what is signed has blanks as %20.
    const query = search
      .slice(1)
      .split('&')
      .map((pair) => pair.split('=').map(decodeURIComponent).map(encode).join('='))
      .sort()
      .join('&');
    const lines = names.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('');
    const canonical = [method, pathname, query, lines, signed, content].join('\n');
    const toSign = ['AWS4-HMAC-SHA256', time, scope, hashOf(canonical)].join('\n');
    const root = hmac(
      hmac(hmac(hmac(`AWS4${this.secretAccessKey}`, day), this.region), 's3'),
      'aws4_request',
    );
    return hmac(root, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
  }
}
