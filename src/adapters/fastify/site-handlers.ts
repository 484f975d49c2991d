import type { SiteMap, siteRoutes } from '../../api/index.ts';
import type { FleetController, FleetView } from '../../controller/index.ts';
import { bytesOf, collect } from './body-bytes.ts';
import type { Handlers } from './route.ts';

const maxPlanBytes = 8_000_000;

/** The map, and plans of sites. A token with a scope sees the plans of sites that have a device of its part. */
export function siteHandlers(
  { sitePlans, labels }: Pick<FleetController, 'sitePlans' | 'labels'>,
  map: Omit<SiteMap, 'plans'>,
): Handlers<typeof siteRoutes> {
  const seenIn = (view: FleetView): ((site: string) => boolean) => {
    if (view.scope === undefined) return () => true;
    const sites = new Set(labels.list(view).devices.flatMap(({ labels: { site } }) => site ?? []));
    return (site) => sites.has(site);
  };
  return {
    'GET /sites/map': ({ view }) => {
      const isSeen = seenIn(view);
      return { ...map, plans: sitePlans.list().filter(({ site }) => isSeen(site)) };
    },
    'GET /sites/:site/plan': async ({ params, response, view }) => {
      const { bytes, type } = await sitePlans.read(params.site, seenIn(view));
      await response.header('cache-control', 'no-cache').type(type).send(Buffer.from(bytes));
    },
    'PUT /sites/:site/plan': async ({ params, request, caller }) =>
      sitePlans.put(caller, params.site, await collect(bytesOf(request.body), maxPlanBytes, 'The plan')),
    'DELETE /sites/:site/plan': ({ params, caller }) => sitePlans.delete(caller, params.site),
  };
}
