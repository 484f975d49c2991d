import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAccess } from '../../../../src/runtime/inference/access.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

const listener = { host: '127.0.0.1', port: 0, maxBytes: 1000 };
const token = '0123456789abcdef';

function file(text: string): string {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, text);
  return path;
}

describe('Who may ask', () => {
  it.each(['127.0.0.1', '127.3.2.1', '::1', 'localhost'])('is everyone on %s', async (host) => {
    expect(await openAccess({ ...listener, host }, 'inference.http')).toEqual({});
  });

  it.each(['0.0.0.0', '10.0.0.5', '::', '127.0.0.1.evil.example', 'localhost.example'])(
    'is nobody on %s without a token',
    async (host) => {
      await expect(openAccess({ ...listener, host }, 'inference.http')).rejects.toMatchObject({
        code: 'inference-open',
        remedy: expect.stringContaining('inference.http.tokenFile'),
      });
    },
  );

  it('is who has the token, wherever it listens', async () => {
    const { allowed } = await openAccess(
      { ...listener, host: '0.0.0.0', tokenFile: file(`${token}\n`) },
      'x',
    );
    expect([`Bearer ${token}`, `bearer  ${token}`].map((one) => allowed?.(one))).toEqual([true, true]);
    const wrong = [
      undefined,
      '',
      token,
      `Bearer ${token}0`,
      `Bearer ${token.slice(1)}`,
      `Basic ${token}`,
      'Bearer ',
    ];
    expect(wrong.map((one) => allowed?.(one))).toEqual(wrong.map(() => false));
  });

  it.each(['short', `${token} ${token}`])('is refused to be told by the token %j', async (text) => {
    const given = { ...listener, tokenFile: file(text) };
    await expect(openAccess(given, 'x')).rejects.toMatchObject({ code: 'inference-token' });
  });

  it('needs certificate and key, or none of them', async () => {
    const certFile = file('certificate');
    await expect(openAccess({ ...listener, certFile }, 'x')).rejects.toMatchObject({ code: 'inference-tls' });
    const { tls } = await openAccess({ ...listener, certFile, keyFile: file('key') }, 'x');
    expect(tls).toEqual({ cert: 'certificate', key: 'key' });
  });
});
