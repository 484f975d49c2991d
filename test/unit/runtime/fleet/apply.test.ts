import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RefusedError } from '../../../../src/base/index.ts';
import { applyFleetFile, readRolloutPolicy } from '../../../../src/runtime/fleet/apply.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

const text = `
rollouts:
  to-2: { model: { name: street }, target: { labels: { site: west } } }
groups:
  west: { members: [cam-1] }
labels:
  cam-1: { site: west }
`;

describe('A file that is applied', () => {
  let folder: string;
  let path: string;
  let api: FakeFleetApi;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-apply-'));
    path = join(folder, 'fleet.yaml');
    writeFileSync(path, text);
    api = new FakeFleetApi();
    api.answers.set('/labels', { devices: [] });
    api.answers.set('/groups', { groups: [] });
    api.answers.set('/rollouts', { rollouts: [], total: 0 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const sent = () => api.sent.map(({ method, path: to }) => `${method} ${to}`);

  test('sets labels and groups before it makes a rollout that chooses by them', async () => {
    const done = await applyFleetFile(api, path, false);
    expect(done.applied).toBe(true);
    expect(sent()).toEqual(['PUT /devices/cam-1/labels', 'PUT /groups/west/members', 'POST /rollouts']);
    expect(api.sent[2]?.body).toMatchObject({ name: 'to-2', policy: { model: { name: 'street' } } });
  });

  test('changes nothing in a dry run, and says what the controller would refuse', async () => {
    const done = await applyFleetFile(api, path, true);
    expect(done).toMatchObject({ applied: false, differences: [{}, {}, {}] });
    expect(sent()).toEqual(['POST /rollouts/preview']);
    api.refuse('POST /rollouts/preview', new RefusedError('rollout-overlap', 'Another is under way.', ''));
    await expect(applyFleetFile(api, path, true)).rejects.toMatchObject({ code: 'rollout-overlap' });
  });

  test('that is not there, or no policy, is refused', async () => {
    await expect(applyFleetFile(api, join(folder, 'none'), false)).rejects.toMatchObject({
      code: 'file-unreadable',
    });
    await expect(readRolloutPolicy(path)).rejects.toMatchObject({ code: 'fleet-file' });
    expect(api.sent).toEqual([]);
  });
});
