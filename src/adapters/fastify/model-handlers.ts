import { Readable } from 'node:stream';
import type { modelRoutes } from '../../api/index.ts';
import { LimitError } from '../../base/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

const maxManifestBytes = 8 * 1024 * 1024;

/** Where a file of a bundle lies on the controller's disk. */
export type Locate = (digest: string, path: string) => { readonly root: string; readonly path: string };

/** Models and the files of their bundles. */
export function modelHandlers(
  { models }: Pick<FleetController, 'models'>,
  locate: Locate,
): Handlers<typeof modelRoutes> {
  return {
    'GET /models': () => models.list(),
    'PUT /artifacts/:digest/files/*': ({ params, request, caller }) =>
      models.putFile(caller, params.digest, params['*'], bytesOf(request.body)),
    'PUT /artifacts/:digest/manifest': ({ params, request, caller }) =>
      models.putManifest(caller, params.digest, () => collect(bytesOf(request.body))),
    'GET /artifacts/:digest/*': async ({ params, response }) => {
      models.expectPresent(params.digest, params['*']);
      const { root, path } = locate(params.digest, params['*']);
      // A digest names its bytes for ever.
      await response.sendFile(path, root, { cacheControl: true, immutable: true, maxAge: '365d' });
    },
    'DELETE /artifacts/:digest': ({ params, caller }) => models.deleteModel(caller, params.digest),
  };
}

/**
 * The bytes of a body. Leaving it half-read neither cuts the connection nor blocks it: the client must still get to know
 * why. A request without a body has none to read.
 */
export async function* bytesOf(body: unknown): AsyncIterable<Uint8Array> {
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
    if (size > maxManifestBytes)
      throw new LimitError('file-too-large', 'manifest.json is larger than 8 MiB.', 'Is it the right file?');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
