import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { GoshawkError, silentLog } from '../../src/base/index.ts';
import { startController } from '../../src/runtime/controller/start.ts';
import { ControllerSettings } from '../../src/runtime/settings/controller.ts';
import { checkSettings } from '../../src/runtime/settings/read.ts';

const openssl = spawnSync('openssl', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'goshawk-tls-'));
const cert = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
const ports = { clock: new SystemClock(), log: silentLog };

function settings(http: Record<string, unknown>) {
  // Nobody listens on port 1: the controller must serve its page without a broker too.
  const value = {
    dataDir: join(folder, 'data'),
    broker: { url: 'mqtt://127.0.0.1:1' },
    http: { port: 0, ...http },
  };
  return checkSettings(ControllerSettings, value, 'test');
}

function answer(url: string, ca: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { ca }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

beforeAll(() => {
  if (!openssl) return;
  const subject = ['-subj', '/CN=controller', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert],
    ...subject,
  ]);
  expect(made.status).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!openssl)(
  'A controller that speaks TLS itself (skipped where openssl is not installed)',
  () => {
    it('serves with the certificate of its settings, and not without TLS', async () => {
      const controller = await startController(settings({ certFile: cert, keyFile: key }), ports);
      try {
        expect(controller.url).toMatch(/^https:/);
        expect(await answer(controller.url, readFileSync(cert))).toBe(200);
        await expect(fetch(`${controller.url.replace('https:', 'http:')}/healthz`)).rejects.toThrow();
      } finally {
        await controller.close();
      }
    });

    it('wants certificate and key together', async () => {
      const failure = await Promise.resolve()
        .then(() => startController(settings({ certFile: cert }), ports))
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(GoshawkError);
      expect((failure as GoshawkError).code).toBe('settings-invalid');
    });
  },
);
