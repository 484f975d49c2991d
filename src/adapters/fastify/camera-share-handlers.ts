import type { cameraShareRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Two versions at once on the cameras of devices. */
export function cameraShareHandlers({
  shares,
  shareCommands,
}: Pick<FleetController, 'shares' | 'shareCommands'>): Handlers<typeof cameraShareRoutes> {
  return {
    'GET /shares': () => shares.list(),
    'GET /shares/:of': ({ params, query }) => shares.report(params.of, query.slot),
    'POST /shares/:of/actions': ({ params, body, caller }) => shareCommands.act(caller, params.of, body),
  };
}
