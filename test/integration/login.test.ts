import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { Served } from '../unit/adapters/fastify/serve.ts';
import { ended, jsonLines, startWith } from './goshawk.ts';

// Each command is a process.
vi.setConfig({ testTimeout: 300_000 });

let served: Served;
beforeAll(async () => {
  served = await Served.open();
});
afterAll(() => served.close());

/** A user of this machine, with a home of their own. */
class User {
  readonly home = temporaryFolder();
  readonly contexts = join(this.home, 'goshawk', 'contexts.json');

  run(...args: readonly string[]) {
    const environment = {
      XDG_CONFIG_HOME: this.home,
      GOSHAWK_URL: '',
      GOSHAWK_TOKEN: '',
      GOSHAWK_CONTEXT: '',
    };
    return ended(startWith(environment, ...args));
  }

  tokenFile(token: string): string {
    const file = join(this.home, 'token');
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
    return file;
  }
}

describe('A login', () => {
  it('is used by the commands that follow, until you log out', async () => {
    const user = new User();
    const before = await user.run('device', 'list');
    expect(before).toMatchObject({ code: 3, stdout: '' });
    expect(before.stderr).toContain('You are not logged in to http://127.0.0.1:8080.');
    const file = user.tokenFile(served.tokens.operator);
    const login = await user.run('login', served.url, '--name', 'yard', '--token-file', file);
    expect(login).toMatchObject({ code: 0 });
    expect(login.stdout).toMatch(/^Logged in to \S+ as .* \(operator\)\. Context: yard\n$/);
    expect(login.stdout + login.stderr).not.toContain(served.tokens.operator);
    expect(statSync(user.contexts).mode & 0o777).toBe(0o600);
    const list = await user.run('device', 'list', '-o', 'yaml');
    expect(list).toMatchObject({ code: 0 });
    expect(parse(list.stdout)).toMatchObject({ devices: expect.any(Array) });
    const [contexts] = jsonLines((await user.run('context', 'list', '--json')).stdout);
    expect(contexts).toMatchObject({ contexts: [{ name: 'yard', url: served.url, current: true }] });
    expect(await user.run('logout')).toMatchObject({ code: 0, stdout: 'Logged out of yard.\n' });
    expect(readFileSync(user.contexts, 'utf8')).not.toContain(served.tokens.operator);
    expect(await user.run('device', 'list')).toMatchObject({ code: 3 });
  });

  it('with a token that the controller refuses is not stored', async () => {
    const user = new User();
    const refused = await user.run('login', served.url, '--token-file', user.tokenFile('gsk_wrong'));
    expect(refused.code).toBe(5);
    expect(() => statSync(user.contexts)).toThrow('ENOENT');
  });

  it('asks for the token at a terminal alone, and says how to give it elsewhere', async () => {
    const user = new User();
    const asked = await user.run('login', served.url);
    expect(asked).toMatchObject({ code: 3 });
    expect(asked.stderr).toContain('--token-file');
  });

  it('does not forget a device without being told yes', async () => {
    const user = new User();
    await user.run('login', served.url, '--token-file', user.tokenFile(served.tokens.admin));
    const asked = await user.run('device', 'forget', 'cam-1');
    expect(asked).toMatchObject({ code: 3 });
    expect(asked.stderr).toContain('Add --yes.');
  });
});
