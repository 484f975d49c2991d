import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useToken } from '../../../src/runtime/token-provider.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

// A library that root alone can change is there on every Linux.
const token = { module: '/bin/sh', label: 'goshawk', pinFile: '/etc/goshawk/pin' };

/** A process that notes what was done with it. */
function tried(environment: Record<string, string | undefined> = {}, failure?: string) {
  const done: string[] = [];
  let begun: Readonly<Record<string, string>> | undefined;
  let text = '';
  return {
    done,
    begun: () => begun,
    text: () => text,
    before: async () => void done.push('before'),
    ports: {
      environment,
      provider: () => '/usr/lib/ossl-modules/pkcs11.so',
      failure: (file: string) => {
        text = readFileSync(file, 'utf8');
        done.push(`tried, mode ${(statSync(dirname(file)).mode & 0o777).toString(8)}`);
        return failure;
      },
      restart: (next: Readonly<Record<string, string>>) => {
        begun = next;
        done.push('restarted');
        throw new Error('gone');
      },
    },
  };
}

describe('A process that uses keys of a token', () => {
  it('starts itself again with settings of OpenSSL that only its user can change', async () => {
    const one = tried({ PATH: '/bin', NOTIFY_SOCKET: '/run/n', EMPTY: undefined });
    await expect(useToken(token, one.before, one.ports)).rejects.toThrow('gone');
    expect(one.done).toEqual(['before', 'tried, mode 700', 'restarted']);
    expect(one.begun()).toMatchObject({ PATH: '/bin', NOTIFY_SOCKET: '/run/n' });
    expect(one.text()).toContain('pkcs11-module-path = /bin/sh');
  });

  it('goes on in the second of its lives, and takes the settings away', async () => {
    const first = tried();
    await expect(useToken(token, first.before, first.ports)).rejects.toThrow('gone');
    const file = first.begun()?.OPENSSL_CONF ?? '';
    const second = tried({ OPENSSL_CONF: file });
    await useToken(token, second.before, second.ports);
    expect(second.done).toEqual([]);
    expect(existsSync(dirname(file))).toBe(false);
  });

  it('is started anew where it has settings of another token', async () => {
    const other = tried({ OPENSSL_CONF: join(temporaryFolder(), 'goshawk-0000.cnf') });
    await expect(useToken(token, other.before, other.ports)).rejects.toThrow('gone');
    expect(basename(other.begun()?.OPENSSL_CONF ?? '')).toMatch(/^goshawk-[0-9a-f]{16}\.cnf$/);
  });

  it('is not started anew where its Node would die of it, or cannot', async () => {
    const dies = tried({}, 'it dies of SIGSEGV');
    await expect(useToken(token, dies.before, dies.ports)).rejects.toThrow(/dies of SIGSEGV/);
    const old = tried();
    const ports = { ...old.ports, restart: undefined };
    await expect(useToken(token, old.before, ports)).rejects.toMatchObject({
      code: 'pkcs11-provider-failed',
    });
  });

  it('loads no library that another user could have put there', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'p11.so');
    writeFileSync(module, '');
    chmodSync(module, 0o666);
    const one = tried();
    await expect(useToken({ ...token, module }, one.before, one.ports)).rejects.toMatchObject({
      code: 'pkcs11-module-open',
    });
    // Nor where the folder is everybody's, as /tmp is.
    chmodSync(module, 0o644);
    await expect(useToken({ ...token, module }, one.before, one.ports)).rejects.toThrow(/can change \/tmp/);
    await expect(
      useToken({ ...token, module: join(folder, 'none.so') }, one.before, one.ports),
    ).rejects.toMatchObject({ code: 'pkcs11-module-missing' });
    expect(one.done).toEqual([]);
  });
});
