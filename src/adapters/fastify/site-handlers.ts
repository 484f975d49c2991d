import type { SiteMap, siteRoutes } from '../../api/index.ts';
import type { FleetController } from '../../controller/index.ts';
import { bytesOf, collect } from './body-bytes.ts';
import type { Handlers } from './route.ts';

const maxPlanBytes = 8_000_000;

/** The map, and plans of sites. */
export function siteHandlers(
  { sitePlans }: Pick<FleetController, 'sitePlans'>,
  map: Omit<SiteMap, 'plans'>,
): Handlers<typeof siteRoutes> {
  return {
    'GET /sites/map': () => ({ ...map, plans: sitePlans.list() }),
    'GET /sites/:site/plan': async ({ params, response }) => {
      const { bytes, type } = await sitePlans.read(params.site);
      await response.header('cache-control', 'no-cache').type(type).send(Buffer.from(bytes));
    },
    'PUT /sites/:site/plan': async ({ params, request, caller }) =>
      sitePlans.put(caller, params.site, await collect(bytesOf(request.body), maxPlanBytes, 'The plan')),
    'DELETE /sites/:site/plan': ({ params, caller }) => sitePlans.delete(caller, params.site),
  };
}
