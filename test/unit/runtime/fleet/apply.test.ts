import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError, MissingError, RefusedError } from '../../../../src/base/index.ts';
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
    for (const name of ['to-2', 'a', 'b'])
      api.refuse(`GET /rollouts/${name}`, new MissingError('rollout-unknown', 'There is none.', ''));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const sent = () => api.sent.map(({ method, path: to }) => `${method} ${to}`);

  test('sets labels and groups before it makes a rollout that chooses by them', async () => {
    const done = await applyFleetFile(api, path, false);
    expect(done.applied).toBe(true);
    expect(sent()).toEqual(['PUT /devices/cam-1/labels', 'PUT /groups/west/members', 'POST /rollouts']);
    expect(api.sent[2]?.body).toMatchObject({ name: 'to-2', policy: { model: { name: 'street' } } });
  });

  test('keeps the other labels of a device', async () => {
    api.answers.set('/labels', { devices: [{ device: 'cam-1', labels: { rack: '7', site: 'east' } }] });
    await applyFleetFile(api, path, false);
    expect(api.sent[0]).toMatchObject({ path: '/devices/cam-1/labels', body: { rack: '7', site: 'west' } });
  });

  test('makes no rollout a second time that is over and no longer kept', async () => {
    api.refuse('GET /rollouts/to-2', new MissingError('rollout-gone', 'It is no longer kept.', ''));
    const { differences } = await applyFleetFile(api, path, false);
    expect(sent()).toEqual(['PUT /devices/cam-1/labels', 'PUT /groups/west/members']);
    expect(differences.at(-1)).toMatchObject({ kind: 'differs', about: 'rollout', name: 'to-2' });
  });

  test('changes nothing in a dry run, and says what the controller would refuse', async () => {
    const done = await applyFleetFile(api, path, true);
    expect(done).toMatchObject({ applied: false, differences: [{}, {}, {}] });
    expect(sent()).toEqual(['POST /rollouts/preview']);
    api.refuse('POST /rollouts/preview', new RefusedError('rollout-overlap', 'Another is under way.', ''));
    await expect(applyFleetFile(api, path, true)).rejects.toMatchObject({ code: 'rollout-overlap' });
  });

  test('that chooses devices by labels which it sets itself can be tried before they are set', async () => {
    const empty = new InputError('rollout-empty', 'No device of the fleet fits the target.', '');
    api.refuse('POST /rollouts/preview', empty);
    const { differences } = await applyFleetFile(api, path, true);
    expect(differences.at(-1)).toMatchObject({ kind: 'differs', about: 'rollout', name: 'to-2' });
    expect(differences.at(-1)?.what).toContain(empty.message);
    // With nothing to be set first it is what the controller will say.
    writeFileSync(
      path,
      'rollouts: { to-2: { model: { name: street }, target: { labels: { site: west } } } }',
    );
    await expect(applyFleetFile(api, path, true)).rejects.toMatchObject({ code: 'rollout-empty' });
  });

  test('makes none of its rollouts where one would be refused', async () => {
    const one = '{ model: { name: street }, target: { all: true } }';
    writeFileSync(path, `rollouts: { a: ${one}, b: ${one} }`);
    api.refuse('POST /rollouts/preview', new InputError('version-unknown', 'There is none.', ''));
    await expect(applyFleetFile(api, path, false)).rejects.toMatchObject({ code: 'version-unknown' });
    expect(sent()).not.toContain('POST /rollouts');
  });

  test('is not applied where it is not known whether a rollout was made', async () => {
    api.refuse('GET /rollouts/to-2', new MissingError('route-unknown', 'There is nothing here.', ''));
    await expect(applyFleetFile(api, path, false)).rejects.toMatchObject({ code: 'route-unknown' });
    expect(api.sent).toEqual([]);
  });

  test('that is not there, or no policy, is refused', async () => {
    await expect(applyFleetFile(api, join(folder, 'none'), false)).rejects.toMatchObject({
      code: 'file-missing',
    });
    await expect(readRolloutPolicy(path)).rejects.toMatchObject({ code: 'fleet-file' });
    expect(api.sent).toEqual([]);
  });
});
