import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AuditList, GroupList } from '../../src/api/index.ts';
import { decodePayload } from '../../src/protocol/index.ts';
import { eventually } from '../integration/fleet/program.ts';
import { AttackedController, all } from './attacked-controller.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// Somebody with an operator's token: may order whatever fits, as much and as fast as the line takes it.

const digest = `sha256:${'a'.repeat(64)}`;
const model = { name: 'street', version: '1.0.0', digest };
const mib = 1024 * 1024;
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const classes = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => `${i}`.padEnd(length, 'x'));
const camerasOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`camera-${i}`, { enabled: true }]));

let attacked: AttackedController;
beforeAll(async () => {
  attacked = await AttackedController.open(300);
});
afterAll(() => attacked.close());

const put = (path: string, body: unknown) =>
  attacked.ask('PUT', path, 'operator', typeof body === 'string' ? body : JSON.stringify(body));
const statusesOf = (answers: readonly { readonly status: number }[]) =>
  [...new Set(answers.map(({ status }) => status))].sort();

describe('An operator of bad will', () => {
  test('who sends the largest, deepest and oddest settings is refused in words', async () => {
    const bodies: Record<string, string> = {
      'nested arrays': nested('[', ']', 400_000),
      'nested objects': `{"pipelines":${nested('{"a":', '}', 170_000).replace('}', '1}')}}`,
      'deep drift settings': `{"pipelines":{"a":{"drift":${'{"learn":'.repeat(90_000)}1${'}'.repeat(90_000)}}}}`,
      'ten thousand cameras': JSON.stringify({ pipelines: camerasOf(10_000) }),
      'more than a body may have': JSON.stringify({ pipelines: { a: { classes: classes(1000, 1200) } } }),
      'names that every object has': `{"pipelines":{"__proto__":{"enabled":false},"constructor":{}}}`,
      'a number beyond all numbers': '{"pipelines":{"a":{"scoreThreshold":1e999}}}',
      'what is no text': '{"pipelines":{"*":{"classes":["\\ud800"]}}}',
      'what no schema has': '{"pipelines":{"a":{"whatever":1}},"more":2}',
      'an address of its own': JSON.stringify({
        slots: { main: { model: { ...model, url: 'http://169.254.169.254/' } } },
      }),
      'no JSON': '{"pipelines":',
      nothing: '',
    };
    const answers: Record<string, number> = {};
    await attacked.survives(async () => {
      for (const [what, body] of Object.entries(bodies)) {
        answers[what] = (await put('/devices/d1/desired?unlisted=true', body)).status;
        await put(`/groups/odd/desired?unlisted=true`, body);
      }
    });
    for (const [what, status] of Object.entries(answers))
      expect([what, status]).toEqual([what, what === 'what is no text' ? 200 : expect.any(Number)]);
    const refused = Object.entries(answers).filter(([what]) => what !== 'what is no text');
    expect(refused.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
  });

  test('gets no address of his own to a device, which would show its token there', async () => {
    let called = 0;
    const server = createServer((_request, response) => {
      called += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const seen: string[] = [];
    attacked.devices.onMessage(({ topic, payload }) => {
      if (topic.endsWith('/desired') && payload.byteLength > 0)
        seen.push(JSON.stringify(decodePayload('desired', payload, topic)));
    });
    attacked.devices.subscribe('goshawk/1/d2/desired', 1);
    const answer = await put('/devices/d2/desired?unlisted=true', {
      slots: { main: { model: { ...model, url } } },
    });
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('request-invalid') });
    expect((await put('/devices/d2/desired?unlisted=true', { slots: { main: { model } } })).status).toBe(200);
    await eventually('the order is at the broker', () => seen.length > 0);
    expect(seen.join()).not.toContain('url');
    for (const address of [
      url,
      'https://169.254.169.254/',
      'https://[::ffff:7f00:1]/',
      'http://2130706433/',
    ]) {
      const rule = { name: 'r', when: { kind: 'offline' }, notify: { to: address } };
      expect((await attacked.ask('POST', '/alert-rules', 'operator', JSON.stringify(rule))).status).toBe(403);
      const made = await attacked.ask('POST', '/alert-rules', 'admin', JSON.stringify(rule));
      const { id } = JSON.parse(made.text) as { id: string };
      const tried = await attacked.ask('POST', `/alert-rules/${id}/test`, 'admin');
      expect(JSON.parse(tried.text)).toMatchObject({ delivered: false });
      expect((await attacked.ask('DELETE', `/alert-rules/${id}`, 'admin')).status).toBe(204);
    }
    server.close();
    expect(called).toBe(0);
  });

  test('who makes thousands of groups with thousands of members fills his own share', async () => {
    const members = Array.from({ length: 10_000 }, (_, i) => `member-${i}`);
    let answers: { status: number; text: string }[] = [];
    await attacked.survives(async () => {
      answers = await all(
        Array.from({ length: 1_080 }, (_, i) => i),
        20,
        (i) =>
          i % 30 === 0
            ? put(`/groups/large-${i}/members`, { members })
            : put(`/groups/small-${i}/desired`, { pipelines: { a: { classes: classes(5, 100) } } }),
      );
    });
    expect(statusesOf(answers)).toEqual([200, 422]);
    expect(answers.find(({ status }) => status === 422)?.text).toContain('too-many-groups');
    const list = await attacked.ask('GET', '/groups', 'viewer');
    expect(list.status).toBe(200);
    const { groups } = JSON.parse(list.text) as GroupList;
    expect(groups.length).toBeLessThanOrEqual(1_001);
    expect(list.text.length).toBeLessThan(24 * mib);
    const large = groups.map((group) => group.name).filter((name) => name.startsWith('large'));
    await attacked.survives(() =>
      all(large, 4, (name) => attacked.ask('DELETE', `/groups/${name}`, 'operator')),
    );
  });

  test('who orders everything for all devices, many times at once, delays only himself', async () => {
    let answers: { status: number }[] = [];
    await attacked.survives(async () => {
      answers = await all(
        Array.from({ length: 100 }, (_, i) => i),
        100,
        (i) =>
          put('/groups/all/desired', {
            pipelines: { '*': { classes: classes(1_000, 120), scoreThreshold: i / 100 } },
          }),
      );
    });
    expect(statusesOf(answers)).toEqual([200, 429]);
    expect((await put('/groups/all/desired', {})).status).toBe(200);
  });

  test('with a thousand half-sent requests does not lock others out', async () => {
    const sockets: Socket[] = [];
    const { hostname, port } = new URL(attacked.fleet.url);
    await attacked.survives(async () => {
      for (let i = 0; i < 1_000; i++) {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => {});
        const auth = `authorization: Bearer ${attacked.tokens.operator}\r\n`;
        const head = `PUT /api/v1/groups/slow/desired HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
        socket.write(i % 2 === 0 ? head : `${head}${auth}content-length: 1000000\r\n\r\n{`);
        sockets.push(socket);
      }
      for (let turn = 0; turn < 5; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        for (const socket of sockets) socket.write(' ');
      }
      expect((await attacked.ask('GET', '/fleet', 'viewer')).status).toBe(200);
    });
    for (const socket of sockets) socket.destroy();
    await eventually(
      'his places are free again',
      async () => (await put('/groups/all/desired', {})).status === 200,
    );
  });

  test('leaves an audit that grew with what he did, and not with how much he sent', async () => {
    const list = await attacked.ask('GET', '/audit?limit=1000', 'admin');
    const { entries } = JSON.parse(list.text) as AuditList;
    expect(entries.length).toBeGreaterThan(100);
    for (const { detail } of entries) expect(detail.length).toBeLessThanOrEqual(4_200);
  });

  test('has told the log no secret, and the controller starts again with everybody', async () => {
    attacked.expectNoSecretTold();
    await attacked.restart();
    await attacked.survives(async () => {
      await eventually('all are known', async () => {
        const answer = await attacked.ask('GET', '/fleet', 'viewer');
        return (JSON.parse(answer.text) as { devices: number }).devices >= 301;
      });
    });
  });
});
