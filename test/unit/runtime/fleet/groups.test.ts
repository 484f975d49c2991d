import { expect, it } from 'vitest';
import { changeMembers } from '../../../../src/runtime/index.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

it('A group is made by adding alone: a name that was mistyped is told', async () => {
  const api = new FakeFleetApi();
  api.answers.set('/groups', { groups: [{ name: 'north', members: ['a'], settings: {} }] });
  await expect(changeMembers(api, 'nroth', { remove: ['a'] })).rejects.toMatchObject({
    code: 'group-unknown',
  });
  expect(api.sent).toEqual([]);
});

it.each([
  ['a group that is there', 'north', { add: ['c', 'a'], remove: ['b'] }, ['a', 'c']],
  ['a group that is new', 'south', { add: ['a'] }, ['a']],
  ['nothing', 'north', {}, ['a', 'b']],
])('The members of %s change by what is added and removed', async (_, name, change, members) => {
  const api = new FakeFleetApi();
  api.answers.set('/groups', { groups: [{ name: 'north', members: ['a', 'b'], settings: {} }] });
  for (const id of ['a', 'c']) api.answers.set(`/devices/${id}`, {});
  await changeMembers(api, name, change);
  expect(api.sent).toEqual([{ method: 'PUT', path: `/groups/${name}/members`, body: { members } }]);
});

it('A device that does not exist is not added, and one that is no member is not removed', async () => {
  const api = new FakeFleetApi();
  api.answers.set('/groups', { groups: [{ name: 'north', members: ['gate-7'], settings: {} }] });
  await expect(changeMembers(api, 'north', { add: ['nix'] })).rejects.toThrow();
  await expect(changeMembers(api, 'north', { remove: ['gate-8'] })).rejects.toMatchObject({
    code: 'member-unknown',
    remedy: expect.stringContaining('Did you mean gate-7?'),
  });
  expect(api.sent).toEqual([]);
});
