import { expect, it } from 'vitest';
import { mayAct, type Role } from '../../../src/api/index.ts';

const roles: readonly Role[] = ['device', 'viewer', 'operator', 'admin'];
const mayUse = (needed: Role) => roles.filter((role) => mayAct(role, needed));

it('Every role may do what the roles below it may, and a device only what names it', () => {
  expect(mayUse('admin')).toEqual(['admin']);
  expect(mayUse('operator')).toEqual(['operator', 'admin']);
  expect(mayUse('viewer')).toEqual(['viewer', 'operator', 'admin']);
  expect(mayUse('device')).toEqual(['device', 'viewer', 'operator', 'admin']);
});
