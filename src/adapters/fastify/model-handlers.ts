import type { FastifyRequest } from 'fastify';
import type { modelRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { maxBundleManifestBytes } from '../../model/index.ts';
import { bytesOf, collect } from './body-bytes.ts';
import type { Handlers } from './route.ts';

/** Models of the fleet; their files go to the registry. */
export function modelHandlers({ models }: Pick<FleetController, 'models'>): Handlers<typeof modelRoutes> {
  return {
    'GET /models': ({ view }) => models.list(view),
    'POST /models/uploads': async ({ request, caller }) =>
      models.planUpload(caller, await manifestOf(request)),
    'POST /models': async ({ request, caller }) => models.add(caller, await manifestOf(request)),
    'DELETE /models/:digest': ({ params, caller }) => models.deleteModel(caller, params.digest),
  };
}

const manifestOf = ({ body }: FastifyRequest): Promise<Uint8Array> =>
  collect(bytesOf(body), maxBundleManifestBytes, 'manifest.json');
