import { type Static, Type } from '@sinclair/typebox';
import type { RouteTable } from './route.ts';
import { count, timeMs } from './scalars.ts';

/** A site is the value of the label `site`. */
export const SitePlan = Type.Object(
  {
    site: Type.String(),
    sizeBytes: count(),
    changedMs: timeMs(),
  },
  { description: 'A plan, without its picture' },
);
export type SitePlan = Static<typeof SitePlan>;

export const SiteMap = Type.Object(
  {
    tiles: Type.Optional(
      Type.String({
        description: 'Address of the tiles, with {z}, {x} and {y}; absent: an outline of the land',
      }),
    ),
    attribution: Type.Optional(Type.String({ description: 'Owner of the tiles; shown on the map' })),
    plans: Type.Array(SitePlan, { description: 'By site' }),
  },
  { description: 'Background of the map, and the plans' },
);
export type SiteMap = Static<typeof SiteMap>;

const SiteParams = Type.Object({
  site: Type.String({ minLength: 1, maxLength: 128, description: 'Value of the label `site`' }),
});

export const siteRoutes = {
  'GET /sites/map': {
    role: 'viewer',
    reach: 'part',
    tag: 'sites',
    summary: 'Get the background of the map, and the list of sites with a plan',
    reply: SiteMap,
  },
  'GET /sites/:site/plan': {
    role: 'viewer',
    reach: 'part',
    tag: 'sites',
    summary: 'The plan of a site',
    params: SiteParams,
    raw: 'image/png, image/jpeg or image/webp',
  },
  'PUT /sites/:site/plan': {
    role: 'operator',
    reach: 'fleet',
    tag: 'sites',
    summary: 'Set the plan of a site: a PNG, JPEG or WebP file of at most 8 MB',
    params: SiteParams,
    bytes: true,
    reply: SitePlan,
  },
  'DELETE /sites/:site/plan': {
    role: 'operator',
    reach: 'fleet',
    tag: 'sites',
    summary: 'Delete the plan of a site',
    params: SiteParams,
  },
} as const satisfies RouteTable;
