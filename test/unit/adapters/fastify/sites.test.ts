import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorBody, SiteMap, SitePlan } from '../../../../src/api/index.ts';
import { admin } from '../../../fakes/test-fleet.ts';
import { Served } from './serve.ts';

const png = (rest: string) => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(rest)]);

describe('The plan of a site', () => {
  let served: Served;
  beforeEach(async () => {
    served = await Served.open();
  });
  afterEach(() => served.close());

  async function put<T>(site: string, bytes: Uint8Array, role: 'viewer' | 'operator' = 'operator') {
    const headers = { 'content-type': 'application/octet-stream' };
    const path = `/api/v1/sites/${encodeURIComponent(site)}/plan`;
    const answer = await served.fetch(path, role, { method: 'PUT', headers, body: Buffer.from(bytes) });
    return { status: answer.status, body: (await answer.json()) as T };
  }
  const read = (site: string) => served.fetch(`/api/v1/sites/${encodeURIComponent(site)}/plan`, 'viewer');
  const plans = async () => (await served.json<SiteMap>('GET', '/sites/map', 'viewer')).body.plans;

  it('is there as it was sent, and the next one takes its place', async () => {
    for (const site of ['west', 'Halle 3 / Süd']) {
      for (const content of [png('first'), png('the second')]) {
        expect((await put<SitePlan>(site, content)).body).toMatchObject({ site, sizeBytes: content.length });
        const answer = await read(site);
        expect(answer.headers.get('content-type')).toBe('image/png');
        expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
      }
    }
    expect((await plans()).map(({ site }) => site)).toEqual(['Halle 3 / Süd', 'west']);
    const { body: held } = await served.json<object>('GET', '/models', 'viewer');
    expect(held).toEqual({ models: [] });
  });

  it('leaves one picture behind, however many come at once', async () => {
    const contents = ['a', 'b', 'c', 'd'].map(png);
    const answers = await Promise.all(contents.map((content) => put<SitePlan>('west', content)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const folder = join(served.folder, 'artifacts', 'repositories');
    const records = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
    expect(records.map(({ manifests }) => manifests.length)).toEqual([1]);
    expect(contents).toContainEqual(Buffer.from(await (await read('west')).arrayBuffer()));
  });

  it('is gone when it is deleted', async () => {
    await put('west', png('plan'));
    const path = '/api/v1/sites/west/plan';
    expect((await served.fetch(path, 'operator', { method: 'DELETE' })).status).toBe(204);
    expect((await read('west')).status).toBe(404);
    expect((await served.fetch(path, 'operator', { method: 'DELETE' })).status).toBe(404);
    expect(await plans()).toEqual([]);
  });

  it.each([
    ['a picture that can hold a script', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 400],
    ['nothing', Buffer.alloc(0), 400],
    ['more than 8 MB', Buffer.concat([png(''), Buffer.alloc(8_000_000)]), 413],
  ])('is not %s', async (_what, bytes, status) => {
    const answer = await put<ErrorBody>('west', bytes);
    expect(answer.status).toBe(status);
    expect(await plans()).toEqual([]);
  });

  it('is seen with a scope where a device of the part has that site', async () => {
    const { controller } = served;
    await controller.labels.setLabels(admin, 'cam-1', { site: 'west', ring: 'a' });
    await controller.labels.setLabels(admin, 'cam-2', { site: 'east', ring: 'b' });
    for (const site of ['west', 'east']) await put(site, png(site));
    const scope = { labels: { ring: 'a' } };
    const { token } = await controller.access.createToken(admin, { name: 'part', role: 'operator', scope });
    const ask = (path: string) =>
      fetch(`${served.url}/api/v1/sites/${path}`, { headers: { authorization: `Bearer ${token}` } });
    expect(((await (await ask('map')).json()) as SiteMap).plans).toMatchObject([{ site: 'west' }]);
    expect((await ask('west/plan')).status).toBe(200);
    expect((await ask('east/plan')).status).toBe(404);
  });

  it('is not set by a viewer', async () => {
    expect((await put('west', png('plan'), 'viewer')).status).toBe(403);
  });
});
