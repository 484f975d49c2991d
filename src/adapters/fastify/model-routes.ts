import { Readable } from 'node:stream';
import type { Clock } from '../../base/index.ts';
import { LimitError } from '../../base/index.ts';
import { type FleetController, ModelList, UploadAnswer } from '../../controller/index.ts';
import { DigestParams, FileParams, type Route, route } from './route.ts';

const mostManifestBytes = 8 * 1024 * 1024;

/** Where a file of a bundle lies on the controller's disk. */
export type Locate = (digest: string, path: string) => { readonly root: string; readonly path: string };

/** Models and the files of their bundles. */
export function modelRoutes(controller: FleetController, clock: Clock, locate: Locate): Route[] {
  const devicesWith = (digest: string) => {
    let count = 0;
    for (const device of controller.registry.devices())
      if (device.reported?.models.some((model) => model.digest === digest)) count += 1;
    return count;
  };
  const remove = route(
    'DELETE',
    '/artifacts/:digest',
    {
      role: 'admin',
      tag: 'models',
      summary: 'Delete a bundle; devices that have it keep it',
      params: DigestParams,
    },
    ({ params, caller }) =>
      controller.orders.recorded(caller, 'model.deleted', params.digest, () =>
        controller.models.delete(params.digest),
      ),
  );
  return [
    route(
      'GET',
      '/models',
      { role: 'viewer', tag: 'models', summary: 'Models that the controller holds', reply: ModelList },
      () => ({ models: controller.models.list(devicesWith) }),
    ),
    route(
      'PUT',
      '/artifacts/:digest/files/*',
      {
        role: 'operator',
        tag: 'models',
        summary: 'Upload one file of a bundle as raw bytes',
        params: FileParams,
        bytes: true,
        reply: UploadAnswer,
      },
      ({ params, request, caller }) => {
        const bytes = unspoiled(request.body);
        const path = params['*'];
        return controller.orders.recorded(caller, 'model.file', `${params.digest}/${path}`, () =>
          controller.models.putFile(params.digest, path, bytes, clock.wallMs()),
        );
      },
    ),
    route(
      'PUT',
      '/artifacts/:digest/manifest',
      {
        role: 'operator',
        tag: 'models',
        summary:
          'Upload manifest.json, byte for byte: its sha256 is the digest. Says which files are missing',
        params: DigestParams,
        bytes: true,
        reply: UploadAnswer,
      },
      ({ params, request, caller }) =>
        controller.orders.recorded(caller, 'model.manifest', params.digest, async () =>
          controller.models.putManifest(
            params.digest,
            await collect(unspoiled(request.body)),
            clock.wallMs(),
          ),
        ),
    ),
    route(
      'GET',
      '/artifacts/:digest/*',
      {
        role: 'device',
        tag: 'models',
        summary: 'A file of a bundle: manifest.json or a path that it names. Takes range requests',
        params: FileParams,
        raw: 'The bytes of the file',
      },
      async ({ params, response }) => {
        controller.models.expectPresent(params.digest, params['*']);
        const { root, path } = locate(params.digest, params['*']);
        // A digest names its bytes for ever.
        await response.sendFile(path, root, { cacheControl: true, immutable: true, maxAge: '365d' });
      },
    ),
    remove,
  ];
}

/**
 * The body, so that leaving it half-read neither cuts the connection nor blocks it: the client must still get to know
 * why. A request without a body has none to read.
 */
async function* unspoiled(body: unknown): AsyncIterable<Uint8Array> {
  if (!(body instanceof Readable)) return;
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } finally {
    body.resume();
  }
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > mostManifestBytes)
      throw new LimitError('file-too-large', 'manifest.json is larger than 8 MiB.', 'Is it the right file?');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
