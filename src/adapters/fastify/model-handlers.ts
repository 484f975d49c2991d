import type { FastifyReply, FastifyRequest } from 'fastify';
import type { modelRoutes } from '../../api/index.ts';
import { RefusedError } from '../../base/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { bytesOf, collect } from './body-bytes.ts';
import type { Handlers } from './route.ts';
import { sendBytes } from './send-bytes.ts';

const maxManifestBytes = 8 * 1024 * 1024;

/** Models and the files of their bundles. */
export function modelHandlers({
  models,
  oci,
}: Pick<FleetController, 'models' | 'oci'>): Handlers<typeof modelRoutes> {
  return {
    'GET /models': () => models.list(),
    'PUT /artifacts/:digest/files/*': ({ params, request, caller }) =>
      models.putFile(caller, params.digest, params['*'], bytesOf(request.body)),
    'PUT /artifacts/:digest/manifest': ({ params, request, caller }) =>
      models.putManifest(caller, params.digest, () =>
        collect(bytesOf(request.body), maxManifestBytes, 'manifest.json'),
      ),
    'GET /artifacts/:digest/*': async ({ params, caller, request, response }) => {
      models.fileOf(params.digest, params['*']);
      if (oci?.mayHave(oci.callerOf(caller), params.digest) === false) throw notOrdered();
      await sendModelFile(models, params.digest, params['*'], request, response);
    },
    'DELETE /artifacts/:digest': ({ params, caller }) => models.deleteModel(caller, params.digest),
  };
}

/** A file of a bundle, of which a digest names the bytes for ever. */
export async function sendModelFile(
  models: FleetController['models'],
  bundle: string,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const file = models.fileOf(bundle, path);
  const type = path.endsWith('.json') ? 'application/json' : 'application/octet-stream';
  await sendBytes(request, reply, { ...file, type, read: (range) => models.read(bundle, file, range) });
}

export function notOrdered(): RefusedError {
  return new RefusedError(
    'forbidden',
    'A device may fetch what it is ordered to run, and this is not part of it.',
    'Order the model first; what was ordered before can be fetched no more.',
  );
}
