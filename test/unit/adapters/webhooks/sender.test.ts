import { spawnSync } from 'node:child_process';
import type { lookup } from 'node:dns';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  AddressPolicy,
  HttpAlertChannel,
  type HttpAlertChannelOptions,
  signatureOf,
  verifySignature,
} from '../../../../src/adapters/webhooks/index.ts';
import type { AlertMessage } from '../../../../src/controller/index.ts';

const nowMs = 1_790_000_000_500;
const secret = 'a key of the rule';
const local = new AddressPolicy(['127.0.0.1']);
const servers: Server[] = [];
let received: {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly path: string;
}[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  received = [];
});

type Answer = (response: ServerResponse) => void;

async function serve(answer: Answer, tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<number> {
  const take = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body, path: request.url ?? '' });
      answer(response);
    });
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ok: Answer = (response) => response.writeHead(204).end();
const sender = (change: Partial<HttpAlertChannelOptions> = {}) =>
  new HttpAlertChannel({ policy: local, version: '1.2.3', ...change });
const message = (to: string): AlertMessage => ({
  to,
  secret,
  id: 'a-1',
  event: 'alert.firing',
  subject: 'Kamera blind',
  body: '{"summary":"Kamera blind: größer"}',
});

/** Every name stands for these addresses. */
function names(...addresses: readonly string[]): typeof lookup {
  const resolve = (_name: string, _options: object, done: (error: null, found: object[]) => void) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  return resolve as unknown as typeof lookup;
}

// What it promises as AlertChannel is in test/contract/alert-channel.ts.
describe('The sender of webhooks', () => {
  it('posts the body with its signature, its event and its id', async () => {
    const port = await serve(ok);
    expect(await sender().deliver(message(`http://127.0.0.1:${port}/hook?x=1`), nowMs)).toMatch(
      / answered 204$/,
    );
    const [{ headers, body, path }] = received as [(typeof received)[number]];
    expect(path).toBe('/hook?x=1');
    expect(body).toBe(message('').body);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'goshawk/1.2.3',
      'x-goshawk-event': 'alert.firing',
      'x-goshawk-delivery': 'a-1',
    });
    expect(verifySignature(secret, body, String(headers['x-goshawk-signature']), nowMs)).toBe(true);
    expect(JSON.stringify(headers)).not.toContain(secret);
  });

  it('signs where there is a secret, and only there', async () => {
    const port = await serve(ok);
    await sender().deliver({ ...message(`http://127.0.0.1:${port}/`), secret: undefined }, nowMs);
    expect(received[0]?.headers['x-goshawk-signature']).toBeUndefined();
  });

  it.each(['ftp://host/', 'https://user:pw@host/', 'nonsense', 'javascript:alert(1)', ''])(
    'refuses "%s" for good, as no address of a webhook',
    async (to) => {
      await expect(sender().deliver(message(to), nowMs)).rejects.toMatchObject({
        code: 'webhook-refused',
        message: expect.not.stringContaining('pw'),
      });
    },
  );

  it('does not follow a redirect, and does not read an answer without end', async () => {
    const port = await serve((response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' });
      const fill = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', fill);
      fill();
    });
    await expect(sender().deliver(message(`http://127.0.0.1:${port}/`), nowMs)).rejects.toMatchObject({
      code: 'webhook-refused',
      message: '127.0.0.1 answered 302; redirects are not followed.',
    });
  });

  it('ends where the receiver changes the protocol in place of an answer', async () => {
    const port = await serve(({ socket }) => {
      socket?.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n');
    });
    await expect(sender().deliver(message(`http://127.0.0.1:${port}/`), nowMs)).rejects.toMatchObject({
      code: 'webhook-unreachable',
      message: expect.stringContaining('closed without an answer'),
    });
  });

  it('ends after its time, and names the host but not the path', async () => {
    const port = await serve(() => undefined);
    const failure = sender({ timeoutMs: 200 }).deliver(
      message(`http://127.0.0.1:${port}/secret-path`),
      nowMs,
    );
    await expect(failure).rejects.toMatchObject({
      code: 'webhook-timeout',
      message: 'The webhook at 127.0.0.1 did not answer within 0.2 s.',
    });
  });

  it.each([
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://169.254.169.254/latest/meta-data',
  ])('refuses %s, which is not of the public internet', async (url) => {
    const strict = sender({ policy: new AddressPolicy([]) });
    await expect(strict.deliver(message(url), nowMs)).rejects.toMatchObject({
      code: 'webhook-refused',
      message: expect.stringContaining('not of the public internet'),
    });
  });

  it('refuses a public receiver without encryption', async () => {
    const strict = sender({ policy: new AddressPolicy([]) });
    await expect(strict.deliver(message('http://93.184.216.34/'), nowMs)).rejects.toMatchObject({
      code: 'webhook-refused',
      message: 'The webhook at 93.184.216.34 is not encrypted.',
    });
  });

  it('refuses a name that stands for an address inside, and connects to the allowed one of several', async () => {
    const inside = sender({ policy: new AddressPolicy([]), lookup: names('10.0.0.1') });
    await expect(inside.deliver(message('https://hooks.example/'), nowMs)).rejects.toMatchObject({
      code: 'webhook-refused',
      message:
        'The webhook at hooks.example is not of the public internet, and this controller does not send there.',
    });
    const port = await serve(ok);
    const mixed = sender({ lookup: names('10.0.0.1', '127.0.0.1') });
    expect(await mixed.deliver(message(`http://hooks.example:${port}/`), nowMs)).toMatch(/ answered 204$/);
  });

  it('looks at the address that it connects to, not at one of a moment before', async () => {
    const port = await serve(ok);
    let asked = 0;
    const turning = ((name: string, options: object, done: () => void) => {
      asked += 1;
      names(asked === 1 ? '127.0.0.1' : '10.0.0.1')(name, options, done);
    }) as unknown as typeof lookup;
    const webhooks = sender({ lookup: turning });
    const url = `http://hooks.example:${port}/`;
    expect(await webhooks.deliver(message(url), nowMs)).toMatch(/ answered 204$/);
    expect(asked).toBe(1);
    await expect(webhooks.deliver(message(url), nowMs)).rejects.toMatchObject({ code: 'webhook-refused' });
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;
describe.skipIf(!openssl)('The sender of webhooks with TLS (skipped where openssl is not installed)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goshawk-hook-tls-'));
  const file = (name: string) => join(folder, name);
  beforeAll(() => {
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=hooks.example'],
      ...[
        '-addext',
        'subjectAltName=DNS:hooks.example',
        '-keyout',
        file('key.pem'),
        '-out',
        file('cert.pem'),
      ],
    ]);
    expect(made.status).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const tls = () => ({ cert: readFileSync(file('cert.pem')), key: readFileSync(file('key.pem')) });

  it('trusts an authority of the settings, and no certificate that nobody vouches for', async () => {
    const port = await serve(ok, tls());
    const url = `https://hooks.example:${port}/`;
    const lookup = names('127.0.0.1');
    await expect(sender({ lookup }).deliver(message(url), nowMs)).rejects.toMatchObject({
      code: 'webhook-unreachable',
      message: expect.stringContaining('self-signed certificate'),
    });
    const ca = readFileSync(file('cert.pem'), 'utf8');
    expect(await sender({ lookup, ca }).deliver(message(url), nowMs)).toMatch(/ answered 204$/);
    await expect(
      sender({ lookup, ca }).deliver(message(`https://other.example:${port}/`), nowMs),
    ).rejects.toMatchObject({ code: 'webhook-unreachable' });
    expect(received).toHaveLength(1);
  });
});

describe('The signature of a webhook', () => {
  it('is what HMAC-SHA256 gives over time and body', () => {
    // printf '1790000000.{}' | openssl dgst -sha256 -hmac key
    const expected = spawnSync('openssl', ['dgst', '-sha256', '-hmac', 'key'], { input: '1790000000.{}' });
    if (openssl) {
      expect(signatureOf('key', '{}', nowMs)).toBe(
        `t=1790000000,v1=${expected.stdout.toString().trim().split(' ').at(-1)}`,
      );
    }
    expect(signatureOf('key', '{}', nowMs)).toMatch(/^t=1790000000,v1=[0-9a-f]{64}$/);
  });

  it('fits its own key, body and time alone', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, fc.nat(10), (key, body, other, place) => {
        const signature = signatureOf(key, body, nowMs);
        expect(verifySignature(key, body, signature, nowMs)).toBe(true);
        if (other !== key) expect(verifySignature(other, body, signature, nowMs)).toBe(false);
        if (other !== body) expect(verifySignature(key, other, signature, nowMs)).toBe(false);
        const turned = signature.at(20 + place) === '0' ? '1' : '0';
        const forged = signature.slice(0, 20 + place) + turned + signature.slice(21 + place);
        expect(verifySignature(key, body, forged, nowMs)).toBe(false);
      }),
      { seed: 6 },
    );
  });

  it('is too old after five minutes, and no good without a time', () => {
    const signature = signatureOf('key', '{}', nowMs);
    expect(verifySignature('key', '{}', signature, nowMs + 299_000)).toBe(true);
    expect(verifySignature('key', '{}', signature, nowMs + 301_000)).toBe(false);
    for (const broken of ['', 'v1=00', 't=,v1=', 't=x,v1=00'])
      expect(verifySignature('key', '{}', broken, nowMs)).toBe(false);
  });
});
