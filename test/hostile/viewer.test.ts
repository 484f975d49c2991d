import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AuditList } from '../../src/api/index.ts';
import { eventually } from '../integration/fleet/program.ts';
import { AttackedController, all } from './attacked-controller.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// Somebody with a viewer's token: may read everything, as much and as often as the line takes it.

let attacked: AttackedController;
beforeAll(async () => {
  attacked = await AttackedController.open(300);
});
afterAll(() => attacked.close());

const get = (path: string) => attacked.ask('GET', path, 'viewer');
const statusesOf = (answers: readonly { readonly status: number }[]) =>
  [...new Set(answers.map(({ status }) => status))].sort();

/** Bytes on a connection of its own, and what came back until it was closed or said nothing more for a second. */
function speak(bytes: string): Promise<string> {
  const { hostname, port } = new URL(attacked.fleet.url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('data', (data) => {
      heard += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
}

const secret = /root:|gsk_|BEGIN [A-Z ]*PRIVATE|SQLite format/;

describe('A viewer of bad will', () => {
  const heavy = [
    '/events?limit=1000',
    '/devices?limit=1000',
    '/fleet/metrics?name=goshawk_pipeline_fps&step=1000&from=1',
    `/fleet/metrics?name=goshawk_pipeline_fps&step=1000&from=${Date.now() - 4_000_000}`,
    '/groups',
    '/models',
    '/drift',
    '/drift/incidents?limit=1000',
    '/alerts?limit=1000',
    '/fleet',
    '/devices/d1',
  ];

  test('who asks for the heaviest pages, all at once and again, waits for his own', async () => {
    const answers: { status: number; text: string }[] = [];
    await attacked.survives(async () => {
      answers.push(
        ...(await all(
          Array.from({ length: 1_200 }, (_, i) => heavy[i % heavy.length]!),
          400,
          get,
        )),
      );
      const scrapes = await all(Array.from({ length: 100 }), 100, () => attacked.fetch('/metrics', 'viewer'));
      for (const response of scrapes) answers.push({ status: response.status, text: await response.text() });
    });
    const known = [200, 400, 422, 429, 504];
    expect(statusesOf(answers).filter((status) => !known.includes(status))).toEqual([]);
    expect(statusesOf(answers)).toEqual(expect.arrayContaining([200, 429]));
    for (const { status, text } of answers)
      if (status === 429) expect(JSON.parse(text)).toMatchObject({ code: 'too-many-requests' });
  });

  test.each([
    ['reads them', true],
    ['does not read them, so that he is cut off by and by', false],
  ])('who opens a thousand streams gets his share of them and no more, where he %s', async (_, reads) => {
    const stop = new AbortController();
    const statuses: number[] = [];
    await attacked.survives(async () => {
      await all(Array.from({ length: 1_000 }), 200, async () => {
        const response = await attacked.fetch('/api/v1/stream', 'viewer', { signal: stop.signal });
        statuses.push(response.status);
        if (reads) void response.body?.pipeTo(new WritableStream()).catch(() => {});
      });
      // What happens in the fleet goes into all of them meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    });
    const opened = (some: readonly number[]) => some.filter((status) => status === 200).length;
    // Where one that is not read was cut off, another one has its place.
    if (reads) expect(opened(statuses)).toBe(64);
    else expect(opened(statuses)).toBeGreaterThanOrEqual(64);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1_000 - opened(statuses));
    stop.abort();
    await eventually('his streams are free again', async () => {
      const again = new AbortController();
      const { status } = await attacked.fetch('/api/v1/stream', 'viewer', { signal: again.signal });
      again.abort();
      return status === 200;
    });
  });

  test('who opens and closes live pictures again and again sends the device few requests', async () => {
    let calls = 0;
    attacked.devices.onMessage(({ topic }) => {
      if (topic.endsWith('/call/preview')) calls += 1;
    });
    attacked.devices.subscribe('goshawk/1/d3/call/#', 1);
    let seconds = 0;
    await attacked.survives(async () => {
      const startedMs = performance.now();
      await all(Array.from({ length: 300 }), 8, async () => {
        const stop = new AbortController();
        const path = '/api/v1/devices/d3/cameras/front/preview?maxFps=15';
        await attacked.fetch(path, 'viewer', { signal: stop.signal }).catch(() => {});
        stop.abort();
      });
      seconds = (performance.now() - startedMs) / 1_000;
    });
    expect(calls).toBeLessThanOrEqual(11 + seconds + 5);
  });

  test('who tries to write is refused every time, and the audit tells it without growing with him', async () => {
    const writes = [
      ['PUT', '/devices/d1/desired'],
      ['DELETE', '/devices/d1'],
      ['PUT', '/groups/all/members'],
      ['DELETE', '/groups/all'],
      ['POST', '/tokens'],
      ['POST', '/alert-rules'],
      ['DELETE', `/models/sha256:${'a'.repeat(64)}`],
    ] as const;
    let answers: { status: number }[] = [];
    await attacked.survives(async () => {
      const tries = Array.from({ length: 2_000 }, (_, i) => writes[i % writes.length]!);
      answers = await all(tries, 100, ([method, path]) => attacked.ask(method, path, 'viewer', '{}'));
    });
    expect(statusesOf(answers)).toEqual([403]);
    const list = await attacked.ask('GET', '/audit?limit=1000', 'admin');
    const { entries } = JSON.parse(list.text) as AuditList;
    const refused = entries.filter(({ result }) => result === 'forbidden');
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(refused.length).toBeLessThan(100);
  });

  test('gets out of no folder', async () => {
    const paths = [
      '/../../../../etc/passwd',
      '/..%2f..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
      '/..%5c..%5cetc%5cpasswd',
      '/....//....//etc/passwd',
      '//etc/passwd',
      '/%00/etc/passwd',
      '/%c0%ae%c0%ae/etc/passwd',
      '/%zz',
      '/assets/../../../controller.db',
      ...['../admin.token', '..%2fadmin.token', '%2e%2e/%2e%2e/admin.token', 'files/../../admin.token'].map(
        (path) => `/v2/street/blobs/${path}`,
      ),
      '/v2/..%2f..%2fadmin.token/manifests/latest',
      '/api/v1/devices/..%2f..%2fadmin.token',
      `/api/v1/devices/${'a'.repeat(5_000)}`,
      `/api/v1/events?${'limit=1&'.repeat(1_500)}`,
      '/api/v1/fleet/metrics?name=x&labels=__proto__=1,constructor=2',
    ];
    await attacked.survives(async () => {
      for (const path of paths) {
        const auth = `authorization: Bearer ${attacked.tokens.viewer}`;
        const heard = await speak(`GET ${path} HTTP/1.1\r\nhost: x\r\n${auth}\r\nconnection: close\r\n\r\n`);
        expect([path, heard.slice(0, 12)]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 [234]/)]);
        expect([path, secret.test(heard)]).toEqual([path, false]);
      }
    });
  });

  test('gets nothing with odd requests and headers', async () => {
    const auth = `authorization: Bearer ${attacked.tokens.viewer}\r\n`;
    const head = 'GET /api/v1/fleet HTTP/1.1\r\nhost: x\r\n';
    const post = 'POST /api/v1/devices/d1/describe HTTP/1.1\r\nhost: x\r\n';
    const requests: readonly (readonly [string, RegExp])[] = [
      ['a header of a megabyte', /^(HTTP\/1\.1 431|$)/],
      ['two tokens', /^HTTP\/1\.1 (200|400|401)/],
      ['two lengths', /^HTTP\/1\.1 400/],
      ['a length and chunks', /^HTTP\/1\.1 400/],
      ['no chunk at all', /^HTTP\/1\.1 400/],
      ['a line that ends in nothing', /^HTTP\/1\.1 400/],
      ['another protocol', /^HTTP\/1\.1 400/],
      ['an upgrade', /^HTTP\/1\.1 [24]/],
      ['a method that nobody has', /^HTTP\/1\.1 4/],
      ['a hundred requests at once', /^HTTP\/1\.1 (200|429)/],
      ['ranges without end', /^HTTP\/1\.1 (200|206|404|416)/],
    ];
    const bytes: Record<string, string> = {
      'a header of a megabyte': `${head}x: ${'a'.repeat(1_000_000)}\r\n\r\n`,
      'two tokens': `${head}authorization: Bearer gsk_a_b\r\n${auth}\r\n`,
      'two lengths': `${post}${auth}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
      'a length and chunks': `${post}${auth}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      'no chunk at all': `${post}${auth}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
      'a line that ends in nothing': `${head}x: a\nb\u0000\r\n\r\n`,
      'another protocol': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'an upgrade': `${head}${auth}connection: upgrade\r\nupgrade: websocket\r\n\r\n`,
      'a method that nobody has': 'TRACE /api/v1/fleet HTTP/1.1\r\nhost: x\r\n\r\n',
      'a hundred requests at once': `${head}${auth}\r\n`.repeat(100),
      'ranges without end': `GET /v2/street/blobs/sha256:${'a'.repeat(64)} HTTP/1.1\r\nhost: x\r\n${auth}range: bytes=${'0-0,'.repeat(1_000)}0-0\r\n\r\n`,
    };
    await attacked.survives(async () => {
      for (const [what, expected] of requests) {
        const heard = await speak(bytes[what] ?? '');
        expect([what, heard.slice(0, 12)]).toEqual([what, expect.stringMatching(expected)]);
        expect([what, secret.test(heard)]).toEqual([what, false]);
      }
    });
  });

  test('has told the log no secret, not even one that stands in an address', async () => {
    const { viewer } = attacked.tokens;
    await attacked.ask('GET', `/devices/d1/frames?token=${viewer}`, 'viewer');
    await attacked.ask('PUT', `/devices/d1/desired?token=${viewer}`, 'viewer', '{}');
    await attacked.ask('GET', `/events?token=${viewer}`, undefined);
    attacked.expectNoSecretTold();
    const audit = await attacked.ask('GET', '/audit?limit=1000', 'admin');
    expect(audit.text).not.toContain(viewer);
  });

  test('sees nothing more once his token is taken back, and the controller starts again', async () => {
    const made = await attacked.ask('POST', '/tokens', 'admin', '{"name":"short","role":"viewer"}');
    const { id, token } = JSON.parse(made.text) as { id: string; token: string };
    const stream = await fetch(`${attacked.fleet.url}/api/v1/stream`, {
      headers: { authorization: `Bearer ${token}` },
    });
    let open = true;
    const read = (async () => {
      for await (const _ of stream.body ?? []);
      open = false;
    })().catch(() => {
      open = false;
    });
    expect((await attacked.ask('DELETE', `/tokens/${id}`, 'admin')).status).toBe(204);
    await eventually('the stream ends', () => !open);
    await read;
    await attacked.restart();
    expect((await get('/fleet')).status).toBe(200);
  });
});
