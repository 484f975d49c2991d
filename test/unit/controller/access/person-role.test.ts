import { describe, expect, it } from 'vitest';
import { type PeopleRules, personOf } from '../../../../src/controller/access/person-role.ts';

const berlin = { labels: { site: 'berlin' } };
const hall = { groups: ['hall-1'] };
const rules: PeopleRules = {
  groupsClaim: 'groups',
  roles: { viewer: ['staff'], operator: ['ops'], admin: ['root'] },
  scopedRoles: [
    { role: 'operator', members: ['berlin', 'potsdam'], scope: berlin },
    { role: 'operator', members: ['hall'], scope: hall },
    { role: 'viewer', members: ['hall', 'guests'], scope: hall },
  ],
};

describe('A person', () => {
  it.each([
    [['staff'], { role: 'viewer' }],
    [['potsdam'], { role: 'operator', scope: berlin }],
    // The strongest role, though it is for a part and the other one for all.
    [['staff', 'berlin'], { role: 'operator', scope: berlin }],
    [['ops', 'berlin'], { role: 'operator' }],
    [['hall', 'berlin'], { role: 'operator', scope: berlin }],
    [['guests'], { role: 'viewer', scope: hall }],
    [['guests', 'staff'], { role: 'viewer' }],
    [['root', 'hall'], { role: 'admin' }],
  ])('in %j is %j', (groups, access) => {
    expect(personOf({ sub: 's', groups }, rules)).toEqual({ subject: 's', name: 's', ...access });
  });

  it('in none of the groups is refused', () => {
    expect(() => personOf({ sub: 's', groups: ['others'] }, rules)).toThrow('in no group');
  });
});
