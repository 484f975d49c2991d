import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../../../src/adapters/fastify/route.ts';
import { type AccessScope, mayAct } from '../../../../src/api/index.ts';
import { insides, outside, outsides, secrets, TwoSites, unknown } from './two-sites.ts';

const scopes: readonly (readonly [string, AccessScope])[] = [
  ['of a label', { labels: { site: 'berlin' } }],
  ['of a group', { groups: ['hall-1'] }],
];
const roles = ['viewer', 'operator', 'admin'] as const;

let sites: TwoSites;
let routes: readonly Route[];
const tokens = new Map<string, string>();
beforeAll(async () => {
  sites = await TwoSites.open();
  routes = sites.served.server.routes;
  for (const [name, scope] of scopes)
    for (const role of roles) tokens.set(`${role} ${name}`, await sites.token(role, scope));
}, 60_000);
afterAll(() => sites.served.close());

/** What a path names at the other site, and what it names of nothing at all. */
const named: Readonly<Record<string, () => readonly [there: string, never: string]>> = {
  ':id': () => [outside, unknown],
  ':device': () => [outside, unknown],
  ':group': () => ['hall-2', 'no-such-group'],
  ':rollout': () => ['bavaria-only', 'no-rollout'],
  ':incident': () => [incidentOf(outside), 'no-incident'],
  ':approval': () => ['no-approval', 'no-approval'],
  ':digest': () => [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`],
  ':site': () => ['bavaria', 'no-site'],
  ':slot': () => ['plate', 'plate'],
  ':camera': () => ['vault-door', 'no-camera'],
  ':frame': () => ['a-1', 'a-1'],
  ':clip': () => ['1790000000000-front', '1790000000000-front'],
};
const alertNamed = (): readonly [string, string] => [
  sites.firing(({ device }) => device === outside).id,
  '0'.repeat(16),
];

const incidentOf = (device: string) =>
  sites.served.controller.drift.openIncidents.find((one) => one.device === device)?.id ?? '';

const policy = (target: object, more: object = {}) => ({
  ...{ name: 'mine', draft: true },
  policy: { model: { name: 'street', version: '1.0.0' }, slot: 'next', target, ...more },
});
/** Bodies for what a token with a scope gets as far as. `there` may be named in it. */
const bodies: Readonly<Record<string, (there: string) => unknown>> = {
  'POST /targets': (there) => ({ target: { devices: [there] } }),
  'POST /rollouts': (there) => policy({ devices: [there] }),
  'POST /rollouts/preview': (there) => policy({ devices: [there] }),
  'POST /rollouts/:rollout/actions': () => ({ action: 'start' }),
  'POST /alerts/:id/silence': () => ({ minutes: 5 }),
  'POST /alerts/:id/assign': () => ({ to: 'me' }),
};

function requestOf({ key, method, url }: Route, at: 0 | 1) {
  let path = url;
  let there = [outside, unknown][at]!;
  for (const [name, values] of Object.entries(named)) {
    if (!path.split('/').some((part) => part.split('.')[0] === name)) continue;
    const one = (key.includes('/alerts/:id') ? alertNamed() : values())[at];
    if (name === ':id' || path.includes(name)) there = name === ':id' ? one : there;
    path = path.replace(name, encodeURIComponent(one));
  }
  const body = bodies[key]?.(there);
  return { method, path: `/api/v1${path}`, body, names: namesOf(url, key, at) };
}

/** Everything by which a request names what it means: answers may repeat it, and must not differ otherwise. */
function namesOf(url: string, key: string, at: 0 | 1): string[] {
  const inPath = Object.entries(named).flatMap(([name, values]) =>
    url.split('/').some((part) => part.split('.')[0] === name)
      ? [(key.includes('/alerts/:id') ? alertNamed() : values())[at]]
      : [],
  );
  return [...inPath, [outside, unknown][at]!];
}

const masked = (text: string, names: readonly string[]) =>
  names.reduce((masked, name) => masked.replaceAll(name, '<name>'), text);

/** Answers are compared without the times in them. */
const still = (text: string) => text.replace(/\d{10,}(\.\d+)?/g, '<time>').replace(/[0-9a-f]{16}/g, '<id>');

/** All that an admin of the whole fleet sees of the other site, without times. */
async function otherSite(): Promise<string> {
  const { controller, store } = sites.served;
  const { labels, groups, rollouts, desiredState: _, ...rest } = controller;
  return JSON.stringify({
    labels: labels.list().devices.filter(({ device }) => !insides.includes(device)),
    groups: groups.list().groups.filter(({ name }) => name !== 'hall-1'),
    rollouts: rollouts.list().rollouts.filter(({ name }) => ['everywhere', 'bavaria-only'].includes(name)),
    devices: outsides.map((id) => {
      const { settings, desired } = rest.devices.detail(id);
      return { id, settings, desired };
    }),
    alerts: controller.alerts.firing.filter(
      ({ device }) => device === undefined || outsides.includes(device),
    ),
    rules: controller.alerts.listRules('admin'),
    approvals: controller.approvals.list(),
    approvalRules: controller.approvals.rules,
    tokens: controller.access.listTokens().tokens.map(({ id }) => id),
    claims: store.claimRows.size,
    reviews: [...store.reviewRows.keys()],
    freeze: rollouts.frozen,
  });
}

test('every operation says how it reaches devices', () => {
  expect(routes.filter(({ reach }) => reach === undefined).map(({ key }) => key)).toEqual([]);
  const narrowed = routes.filter(({ reach }) => typeof reach === 'object' || reach === 'part');
  const withBody = narrowed.filter(({ body }) => body !== undefined).map(({ key }) => key);
  expect(Object.keys(bodies).sort()).toEqual(withBody.sort());
});

for (const [name] of scopes)
  describe(`A token ${name}`, () => {
    for (const role of roles)
      test(`as ${role} gets no data of a device elsewhere, by any operation`, async () => {
        const token = tokens.get(`${role} ${name}`)!;
        const before = await otherSite();
        for (const route of routes) {
          const [there, never] = [requestOf(route, 0), requestOf(route, 1)];
          const both = async () => {
            const [status, text] = await sites.ask(token, there.method, there.path, there.body);
            const other = await sites.ask(token, never.method, never.path, never.body);
            const said = still(masked(text, there.names));
            return { status, text, said, other: [other[0], still(masked(other[1], never.names))] };
          };
          // The part itself goes on between two answers: only what differs each time tells anything.
          let asked = await both();
          for (let more = 0; more < 3 && asked.said !== asked.other[1]; more++) asked = await both();
          const { status, text, said, other } = asked;
          expect([status, said], `${route.key}: a name elsewhere is as one that never was`).toEqual(other);
          for (const secret of secrets) expect(said, `${route.key} says ${secret}`).not.toContain(secret);
          expect(said, route.key).not.toContain('4242');
          expect(status, `${route.key}: ${text}`).toBeLessThan(500);
          if (route.role !== undefined && !mayAct(role, route.role)) expect(status, route.key).toBe(403);
          else if (route.reach === 'fleet') {
            expect([status, JSON.parse(text).code], route.key).toEqual([403, 'scope-exceeded']);
          }
        }
        expect(await otherSite()).toBe(before);
        expect(sites.orders.filter((one) => outsides.some((id) => one.startsWith(id)))).toEqual([]);
      }, 60_000);
  });
