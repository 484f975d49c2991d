import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayAct } from '../../../api/index.ts';
import { InputError, MissingError } from '../../../base/index.ts';
import {
  contentRangeOf,
  type Endpoint,
  type OciRegistry,
  pageOf,
  parseScopes,
  type RegistryCaller,
  uploadUnknown,
} from '../../../controller/index.ts';
import { imageIndexType, isTag, maxArtifactBytes } from '../../../model/index.ts';
import { bytesOf, collect } from '../body-bytes.ts';
import { sendBytes } from '../send-bytes.ts';

export interface RegistryRequest {
  readonly registry: OciRegistry;
  readonly asks: RegistryCaller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

type Of<K extends Endpoint['kind']> = Extract<Endpoint, { readonly kind: K }>;

/** Answers one request of the distribution API whose sender may ask it. */
export async function answerRegistry(given: RegistryRequest, endpoint: Endpoint): Promise<void> {
  const { reply } = given;
  switch (endpoint.kind) {
    case 'ping':
      expectMethod(given, ['GET', 'HEAD']);
      await reply.send({});
      return;
    case 'token':
      return sendToken(given);
    case 'catalog':
      expectMethod(given, ['GET', 'HEAD']);
      return sendPage(given, given.registry.repositories(), (names) => ({ repositories: names }));
    case 'tags':
      expectMethod(given, ['GET', 'HEAD']);
      return sendPage(given, given.registry.tags(endpoint.name), (tags) => ({ name: endpoint.name, tags }));
    case 'referrers':
      expectMethod(given, ['GET', 'HEAD']);
      return sendReferrers(given, endpoint);
    case 'blob':
      return answerBlob(given, endpoint);
    case 'manifest':
      return answerManifest(given, endpoint);
    case 'uploads':
      return beginUpload(given, endpoint.name);
    case 'upload':
      return answerUpload(given, endpoint);
  }
}

async function sendToken({ registry, asks, request, reply }: RegistryRequest): Promise<void> {
  const { scope } = request.query as { scope?: string | string[] };
  const { token, expiresInSeconds } = registry.issueToken(asks, parseScopes([scope ?? []].flat()));
  // Docker's clients read `token`, OAuth's `access_token`.
  await reply
    .header('cache-control', 'no-store')
    .send({ token, access_token: token, expires_in: expiresInSeconds, issued_at: new Date().toISOString() });
}

async function sendPage(
  { request, reply }: RegistryRequest,
  sorted: readonly string[],
  body: (names: readonly string[]) => unknown,
): Promise<void> {
  const { n, last } = request.query as { n?: string; last?: string };
  const { names, next } = pageOf(sorted, n, last);
  const path = request.url.replace(/\?.*$/s, '');
  if (next !== undefined)
    reply.header('link', `<${path}?n=${next.n}&last=${encodeURIComponent(next.last)}>; rel="next"`);
  await reply.send(body(names));
}

async function sendReferrers(
  { registry, request, reply }: RegistryRequest,
  { name, digest }: Of<'blob' | 'referrers'>,
): Promise<void> {
  const { artifactType } = request.query as { artifactType?: string };
  if (artifactType !== undefined) reply.header('oci-filters-applied', 'artifactType');
  await reply
    .type(imageIndexType)
    .serializer(JSON.stringify)
    .send(registry.referrers(name, digest, artifactType));
}

async function answerBlob(given: RegistryRequest, { name, digest }: Of<'blob' | 'referrers'>): Promise<void> {
  const { registry, asks, request, reply } = given;
  if (request.method === 'DELETE') {
    await registry.deleteBlob(asks.caller, name, digest);
    await reply.code(202).send();
    return;
  }
  expectMethod(given, ['GET', 'HEAD']);
  const asksToPush = request.method === 'HEAD' && mayAct(asks.caller.role, 'operator');
  const { size } = await registry.blob(name, digest, { verified: asksToPush });
  const read: Parameters<typeof sendBytes>[2]['read'] = (range) => registry.read(digest, range);
  reply.header('docker-content-digest', digest);
  await sendBytes(request, reply, { etag: digest, size, type: 'application/octet-stream', read });
}

async function answerManifest(given: RegistryRequest, { name, reference }: Of<'manifest'>): Promise<void> {
  const { registry, asks, request, reply } = given;
  if (request.method === 'DELETE') {
    await registry.deleteManifest(asks.caller, name, reference);
    await reply.code(202).send();
    return;
  }
  if (request.method === 'PUT') {
    const { tag } = request.query as { tag?: string | string[] };
    const tags = [tag ?? []].flat();
    for (const one of tags) if (!isTag(one)) throw tagForm(one);
    const read = () => collect(bytesOf(request.body), maxArtifactBytes, 'The manifest');
    const contentType = request.headers['content-type'];
    const put = await registry.putManifest(asks.caller, name, reference, read, { contentType, tags });
    if (put.subject !== undefined) reply.header('oci-subject', put.subject);
    if (tags.length > 0) reply.header('oci-tag', tags.join(', '));
    await reply
      .code(201)
      .headers({ location: `/v2/${name}/manifests/${put.digest}`, 'docker-content-digest': put.digest })
      .send();
    return;
  }
  expectMethod(given, ['GET', 'HEAD']);
  const { digest, size, mediaType } = registry.manifest(name, reference);
  // A tag may name something else tomorrow.
  if (reference !== digest) reply.header('cache-control', 'no-cache');
  const read: Parameters<typeof sendBytes>[2]['read'] = (range) => registry.read(digest, range);
  reply.header('docker-content-digest', digest);
  await sendBytes(request, reply, { etag: digest, size, type: mediaType, read });
}

async function beginUpload(given: RegistryRequest, name: string): Promise<void> {
  const { registry, asks, request, reply } = given;
  expectMethod(given, ['POST']);
  const { mount, from, digest } = request.query as { mount?: string; from?: string; digest?: string };
  if (mount !== undefined && (await mounted(given, name, mount, from))) return;
  const id = await registry.uploads.begin(name, asks.caller.tokenId);
  if (digest === undefined || mount !== undefined) {
    await uploadAt(reply.code(202), name, id, 0).send();
    return;
  }
  await registry.uploads
    .finish(name, id, digest, bytesOf(request.body), undefined)
    .catch(async (error: unknown) => {
      // Nobody knows its id.
      await registry.uploads.cancel(name, id).catch(() => undefined);
      throw error;
    });
  await blobAt(reply.code(201), name, digest).send();
}

/** Where it can't be mounted the upload begins as if nobody had asked. */
async function mounted(
  { registry, reply }: RegistryRequest,
  name: string,
  digest: string,
  from: string | undefined,
): Promise<boolean> {
  try {
    await registry.uploads.mount(name, digest, from);
  } catch (error) {
    if (error instanceof MissingError) return false;
    throw error;
  }
  await blobAt(reply.code(201), name, digest).send();
  return true;
}

async function answerUpload(given: RegistryRequest, { name, id }: Of<'upload'>): Promise<void> {
  const { registry, request, reply } = given;
  const { uploads } = registry;
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      await uploadAt(reply.code(204), name, id, await uploads.sizeOf(name, id)).send();
      return;
    case 'PATCH': {
      const size = await uploads.append(name, id, bytesOf(request.body), beginOf(request));
      await uploadAt(reply.code(202), name, id, size).send();
      return;
    }
    case 'PUT': {
      const { digest } = request.query as { digest?: string };
      await uploads.finish(name, id, digest ?? '', bytesOf(request.body), beginOf(request));
      await blobAt(reply.code(201), name, digest ?? '').send();
      return;
    }
    case 'DELETE':
      await uploads.cancel(name, id);
      await reply.code(204).send();
      return;
    default:
      throw uploadUnknown(id);
  }
}

/** Where the bytes of the body belong; undefined where the request does not say. */
function beginOf({ headers }: FastifyRequest): number | undefined {
  const range = contentRangeOf(headers['content-range']);
  if (range === undefined) return undefined;
  const length = headers['content-length'];
  if (range !== 'invalid' && (length === undefined || Number(length) === range.length)) return range.from;
  throw new InputError(
    'upload-length',
    'Content-Range and Content-Length do not say the same.',
    'Content-Range is <first>-<last>, both counted in.',
  );
}

function uploadAt(reply: FastifyReply, name: string, id: string, size: number): FastifyReply {
  return reply.headers({
    location: `/v2/${name}/blobs/uploads/${id}`,
    'docker-upload-uuid': id,
    range: `0-${Math.max(0, size - 1)}`,
  });
}

function blobAt(reply: FastifyReply, name: string, digest: string): FastifyReply {
  return reply.headers({ location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
}

function expectMethod({ request }: RegistryRequest, methods: readonly string[]): void {
  if (methods.includes(request.method)) return;
  throw new InputError(
    'unsupported',
    `${request.method} is not possible on this path.`,
    `Use ${methods.join(', ')}.`,
  );
}

function tagForm(tag: string): InputError {
  return new InputError(
    'manifest-tag',
    `"${tag.slice(0, 150)}" is not a tag.`,
    'Letters, digits, and _ . - between.',
  );
}
