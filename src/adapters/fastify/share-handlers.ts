import type { cameraShareRoutes, deviceShareRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** Two versions at once: on the cameras of devices, and on devices. */
export function shareHandlers({
  shares,
  shareCommands,
  deviceShares,
}: Pick<FleetController, 'shares' | 'shareCommands' | 'deviceShares'>): Handlers<
  typeof cameraShareRoutes & typeof deviceShareRoutes
> {
  return {
    'GET /device-shares': () => deviceShares.list(),
    'GET /device-shares/:of': ({ params, query }) => deviceShares.report(params.of, query.slot),
    'GET /shares': () => shares.list(),
    'GET /shares/:of': ({ params, query }) => shares.report(params.of, query.slot),
    'POST /shares/:of/actions': ({ params, body, caller }) => shareCommands.act(caller, params.of, body),
  };
}
