import type { modelRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Models of the fleet; they are pushed to the registry. */
export function modelHandlers({ models }: Pick<FleetController, 'models'>): Handlers<typeof modelRoutes> {
  return {
    'GET /models': ({ view }) => models.list(view),
    'DELETE /models/:digest': ({ params, caller }) => models.deleteModel(caller, params.digest),
  };
}
