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
  ['a group that is there', 'north', { add: ['c', 'a'], remove: ['b', 'x'] }, ['a', 'c']],
  ['a group that is new', 'south', { add: ['a'] }, ['a']],
  ['nothing', 'north', {}, ['a', 'b']],
])('The members of %s change by what is added and removed', async (_, name, change, members) => {
  const api = new FakeFleetApi();
  api.answers.set('/groups', { groups: [{ name: 'north', members: ['a', 'b'], settings: {} }] });
  await changeMembers(api, name, change);
  expect(api.sent).toEqual([{ method: 'PUT', path: `/groups/${name}/members`, body: { members } }]);
});
