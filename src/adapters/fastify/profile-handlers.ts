import type { profileRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import type { Handlers } from './route.ts';

/** What all cameras see together, and how far a shadow agrees. */
export function profileHandlers({
  profiles,
  sums,
}: Pick<FleetController, 'profiles' | 'sums'>): Handlers<typeof profileRoutes> {
  return {
    'GET /fleet/profile': ({ query, view }) => profiles.fleet(query, view),
    'GET /fleet/profile/summed': ({ query, view }) => sums.sum(query, view),
    'GET /devices/:id/slots/:slot/agreement': ({ params, query }) =>
      profiles.shadow(params.id, params.slot, query.hours),
  };
}
