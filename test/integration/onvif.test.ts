import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { matchesOf, matchOf, OnvifCamera, ProbeAnswers } from '../fixtures/cameras/onvif-camera.ts';
import { ended, goshawk, jsonLines, startWith } from './goshawk.ts';

const minutes = 60_000;
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const here = 'http://127.0.0.1:8000/onvif/device_service';

async function discover(...messages: readonly (string | Buffer)[]): Promise<Record<string, unknown>> {
  open.push(await ProbeAnswers.start(messages));
  const ran = await goshawk('camera', 'discover', '--interface', 'lo', '--wait', '3s', '--json');
  expect(ran.code, ran.stderr).toBe(0);
  return jsonLines(ran.stdout)[0] ?? {};
}

describe('goshawk camera discover', () => {
  it(
    'names the cameras that answer, and only the service at the address that they answered from',
    async () => {
      const scopes = 'onvif://www.onvif.org/name/Front%20Door onvif://www.onvif.org/hardware/X1';
      const found = await discover(
        matchesOf(matchOf('1', scopes, `http://[fe80::1]/onvif/device_service ${here}`)),
        matchesOf(
          matchOf('2', 'onvif://www.onvif.org/name/%E0%A4%A', 'http://10.9.9.9/onvif/device_service'),
        ),
      );
      expect(found).toEqual({
        cameras: [
          { address: '127.0.0.1', name: 'Front Door', hardware: 'X1', service: here },
          { address: '127.0.0.1', name: '%E0%A4%A' },
        ],
        unreadable: 0,
      });
    },
    2 * minutes,
  );

  it(
    'finds a camera among answers that cannot be read',
    async () => {
      const found = await discover(
        'no XML <',
        Buffer.alloc(9000, 0xff),
        matchesOf(matchOf('3', 'a', here), matchOf('4', 'b', here)),
        matchesOf(''),
        '<?xml version="1.0"?><a><b/></a>',
        matchesOf(matchOf('5', `onvif://www.onvif.org/name/${'x'.repeat(4000)}`, here)),
      );
      expect(found.cameras).toEqual([{ address: '127.0.0.1', name: 'x'.repeat(128), service: here }]);
      expect(found.unreadable).toBeGreaterThan(0);
    },
    2 * minutes,
  );

  it(
    'says so where there is no such network, and where nobody answers',
    async () => {
      const none = await goshawk('camera', 'discover', '--interface', 'lo', '--wait', '1s');
      expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('No camera answered') });
      const wrong = await goshawk('camera', 'discover', '--interface', 'nowhere0');
      expect(wrong.code).toBe(3);
      expect(wrong.stderr).toMatch(/no network interface nowhere0.*\n.*lo/);
    },
    2 * minutes,
  );
});

describe('goshawk camera streams', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-onvif-'));
  const passwordFile = join(folder, 'camera.txt');
  writeFileSync(passwordFile, 'hush\n');
  const login = { username: 'ann', password: 'hush' };

  async function camera(more: object = {}): Promise<OnvifCamera> {
    const started = await OnvifCamera.start({ ...login, ...more });
    open.push(started);
    return started;
  }

  const streams = (address: string, name = 'ann') =>
    goshawk('camera', 'streams', address, '--username', name, '--password-file', passwordFile, '--json');

  it(
    'lists them for who has the password, and never shows or sends it as it is',
    async () => {
      const asked = await camera({ streamUri: (token: string) => `rtsp://ann:hush@127.0.0.1/${token}` });
      const ran = await streams(new URL(asked.service).host);
      expect(ran.code, ran.stderr).toBe(0);
      const seen = { format: 'H264', fps: 25 };
      expect(jsonLines(ran.stdout)[0]).toEqual({
        streams: [
          { source: 'rtsp://127.0.0.1/main', profile: 'Main stream', ...seen, width: 1920, height: 1080 },
          { source: 'rtsp://127.0.0.1/sub', profile: 'Sub stream', ...seen, width: 640, height: 360 },
        ],
      });
      expect(asked.bodies.join('')).not.toContain('hush');
      expect(ran.stdout + ran.stderr).not.toContain('hush');
    },
    2 * minutes,
  );

  it(
    'sends the login to the camera that was named, not where that one points',
    async () => {
      let reached = 0;
      const other = createServer((_, response) => {
        reached += 1;
        response.end();
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      open.push({ close: () => new Promise((resolve) => other.close(() => resolve())) });
      const media = `http://127.0.0.1:${(other.address() as AddressInfo).port}/media`;
      const ran = await streams((await camera({ media })).service);
      expect(ran.code, ran.stderr).toBe(0);
      expect(reached).toBe(0);
    },
    2 * minutes,
  );

  it(
    'says what is wrong: the login, an address that is none, another program',
    async () => {
      const refused = await streams((await camera()).service, 'bob');
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain('The camera refused the name or the password');
      expect((await streams('a b')).stderr).toContain('is not the address of a camera');
      const page = await camera({
        answer: (_: unknown, response: { end(text: string): void }) => response.end('<html>Hello</html>'),
      });
      expect((await streams(page.service)).stderr).toContain('did not list its streams');
    },
    3 * minutes,
  );

  it(
    'sends no password to a camera with an untrusted certificate, unless you allow any',
    async () => {
      const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
      execFileSync('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ...['-subj', '/CN=camera', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
      ]);
      const asked = await camera({
        tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
      });
      const refused = await streams(asked.service);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain('The certificate of the camera is not trusted');
      expect(refused.stderr).toContain('--unverified');
      expect(asked.bodies).toEqual([]);

      const words = [
        'camera',
        'streams',
        asked.service,
        '--username',
        'ann',
        '--password-file',
        passwordFile,
      ];
      const known = await ended(startWith({ NODE_EXTRA_CA_CERTS: cert }, ...words));
      expect(known.code, known.stderr).toBe(0);
      const any = await goshawk(...words, '--unverified');
      expect(any.code, any.stderr).toBe(0);
      expect(any.stdout).toContain('rtsp://127.0.0.1:554/main');
    },
    4 * minutes,
  );

  it(
    'gives up an answer without end before the memory of the machine does',
    async () => {
      const endless = await camera({
        answer: (
          _: unknown,
          response: { write(data: Buffer, done: () => void): void; destroyed: boolean },
        ) => {
          const more = () => response.destroyed || response.write(Buffer.alloc(1 << 20, 0x61), more);
          more();
        },
      });
      const ran = await streams(endless.service);
      expect(ran.code).toBe(6);
      expect(ran.stderr).toContain('answered more than 4 MiB');
    },
    3 * minutes,
  );
});
