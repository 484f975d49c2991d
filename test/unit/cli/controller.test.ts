import { expect, test } from 'vitest';
import { startedLines } from '../../../src/cli/commands/controller.ts';

test('the controller says where it is and with what to sign in, at every start', () => {
  expect(startedLines('http://127.0.0.1:8080', '/d/admin.token')).toEqual([
    'Controller: http://127.0.0.1:8080',
    "Sign in there with the admin's token in /d/admin.token",
  ]);
  expect(startedLines('http://127.0.0.1:8080', undefined)[1]).toContain('goshawk token create');
});
