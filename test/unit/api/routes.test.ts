import type { TSchema } from '@sinclair/typebox';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  apiPrefix,
  type DeviceDetail,
  operationRoutes,
  pathOf,
  type RequestArguments,
  type RouteReply,
  type RouteSpec,
  routes,
} from '../../../src/api/index.ts';

const table: readonly (readonly [key: string, spec: RouteSpec])[] = [
  ...Object.entries(routes),
  ...Object.entries(operationRoutes),
];

/** What anybody who reaches the controller may read. */
const open = ['GET /healthz'];

function violations(check: (spec: RouteSpec, key: string) => readonly string[]): string[] {
  return table.flatMap(([key, spec]) => check(spec, key).map((what) => `${key}: ${what}`));
}

describe('Every route', () => {
  it('has a role, or is one of the few that need no token', () => {
    expect(table.length).toBeGreaterThan(40);
    expect(table.filter(([, { role }]) => role === undefined).map(([key]) => key)).toEqual(open);
  });

  it('has a unique method and path, also with parameters', () => {
    const shapes = table.map(([key]) => key.replaceAll(/:\w+/g, ':'));
    expect(shapes.every((shape) => /^(GET|PUT|POST|DELETE) (\/[a-z:*.-]+)+$/.test(shape))).toBe(true);
    expect(shapes.filter((shape, index) => shapes.indexOf(shape) !== index)).toEqual([]);
  });

  it('has a schema for exactly the parameters of its path', () => {
    expect(
      violations((spec, key) => {
        const named = [...key.matchAll(/:(\w+)|(\*)/g)].map(([, name, rest]) => name ?? rest ?? '').sort();
        const known = Object.keys(spec.params?.properties ?? {}).sort();
        return named.join() === known.join() ? [] : [`takes ${named}, has schemas for ${known}`];
      }),
    ).toEqual([]);
  });

  it('says what it is for, in which group, and what comes back', () => {
    expect(
      violations(({ tag, summary, reply, raw }) => [
        ...(tag === '' || summary.length < 8 ? ['no summary'] : []),
        ...(reply !== undefined && raw !== undefined ? ['answers in two ways'] : []),
      ]),
    ).toEqual([]);
  });

  it('has a body only where something is changed, and is read where nothing is', () => {
    expect(
      violations(({ body, bytes }, key) =>
        (body !== undefined || bytes === true) && !/^(PUT|POST) /.test(key) ? ['has a body'] : [],
      ),
    ).toEqual([]);
  });
});

describe('Whoever reads the description of the API', () => {
  const fieldsOf = (schema: TSchema | undefined) =>
    Object.entries((schema?.properties ?? {}) as Record<string, TSchema>);
  const undescribed = (schema: TSchema | undefined) =>
    fieldsOf(schema).flatMap(([name, { description }]) => (description === undefined ? [name] : []));

  it('is told what every parameter, every field of a query and every field of a body means', () => {
    expect(violations(({ params, query, body }) => [params, query, body].flatMap(undescribed))).toEqual([]);
  });

  it('is told what every answer is', () => {
    expect(
      violations(({ reply, raw }) =>
        reply !== undefined && reply.description === undefined && raw === undefined ? ['no description'] : [],
      ),
    ).toEqual([]);
  });
});

describe('Whoever calls a route', () => {
  it('gets the types of its request and of its answer', () => {
    expectTypeOf<RouteReply<'GET /devices/:id'>>().toEqualTypeOf<DeviceDetail>();
    expectTypeOf<RouteReply<'DELETE /devices/:id'>>().toEqualTypeOf<undefined>();
    expectTypeOf<RequestArguments<'GET /devices'>>().toExtend<
      [request?: { query?: { limit?: number | undefined } }]
    >();
    const send = <K extends keyof typeof routes>(_: K, ..._given: RequestArguments<K>) => undefined;
    send('GET /devices');
    send('GET /devices', { query: { online: undefined } });
    send('GET /devices/:id/metrics', { params: { id: 'a' }, query: { name: 'fps' } });
    // @ts-expect-error there is no such route
    send('GET /device');
    // @ts-expect-error it needs an id
    send('GET /devices/:id');
    // @ts-expect-error the name of the metric is missing
    send('GET /devices/:id/metrics', { params: { id: 'a' }, query: {} });
    // @ts-expect-error no such field
    send('GET /devices', { query: { limits: 5 } });
    // @ts-expect-error members are a list
    send('PUT /groups/:group/members', { params: { group: 'a' }, body: { members: 'a' } });
    // @ts-expect-error another parameter
    expect(pathOf('GET /devices/:id', { device: 'a' })).toBe('/devices/');
  });

  it('finds the routes below a version', () => {
    expect(apiPrefix).toBe('/api/v1');
  });
});
