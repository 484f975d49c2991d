import { describe, expect, it } from 'vitest';
import { Users } from '../../../../src/adapters/aedes/users.ts';

const users = new Users([
  { username: 'controller', password: 'long and secret', role: 'controller' },
  { username: 'd1', password: 'one', role: 'device' },
  { username: 'd2', password: '', role: 'device' },
]);
const identify = (clientId: string, username?: string, password?: string) =>
  users.identify(clientId, username, password === undefined ? undefined : Buffer.from(password));

describe('The users of the broker', () => {
  it.each([
    ['a device under its own name', 'd1', 'd1', 'one', { role: 'device', device: 'd1' }],
    ['a device under the name of another', 'd2', 'd1', 'one', undefined],
    [
      'the controller under its own name',
      'controller',
      'controller',
      'long and secret',
      { role: 'controller' },
    ],
    ['the controller under another client id', 'anything', 'controller', 'long and secret', undefined],
    ['a wrong password', 'd1', 'd1', 'One', undefined],
    ['the beginning of a password', 'd1', 'd1', 'on', undefined],
    ['the password of another', 'd1', 'd1', 'long and secret', undefined],
    ['no password', 'd1', 'd1', undefined, undefined],
    ['an empty password that is none', 'd1', 'd1', '', undefined],
    ['no password where an empty one was set', 'd2', 'd2', undefined, undefined],
    ['an unknown user', 'd9', 'd9', 'one', undefined],
    ['an unknown user without password', 'd9', 'd9', '', undefined],
    ['nobody', 'd1', undefined, 'one', undefined],
    ['a name of every object', 'constructor', 'constructor', '', undefined],
  ])('%s', (_, clientId, username, password, expected) => {
    expect(identify(clientId, username, password)).toEqual(expected);
  });
});
