import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiServer, type ApiServerPorts } from '../../../../src/adapters/fastify/api-server.ts';
import { RefusedError, silentLog } from '../../../../src/base/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const right = 'gsk_right';
const scoped = 'gsk_scoped';

/** A web server that says what it was asked. */
async function listener() {
  const asked: string[] = [];
  const server = createServer((one: IncomingMessage, response) => {
    asked.push(`${one.method} ${one.url} ${one.headers.authorization ?? ''}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

describe('A process with the role api', () => {
  let leader: Awaited<ReturnType<typeof listener>>;
  let elsewhere: Awaited<ReturnType<typeof listener>>;
  let server: ApiServer;
  let url: URL;

  beforeEach(async () => {
    [leader, elsewhere] = [await listener(), await listener()];
    const reader = {
      leaderUrl: async () => leader.url,
      authenticate: async (token: string) => {
        if (token === scoped) return { tokenId: 'b', role: 'admin', scope: { groups: ['hall-1'] } };
        if (token !== right) throw new RefusedError('token-refused', 'The token is not valid.', 'Log in.');
        return { tokenId: 'a', role: 'admin' };
      },
    };
    const ports = {
      reader,
      clock: new FakeClock(),
      log: silentLog,
      updates: {},
    } as unknown as ApiServerPorts;
    server = new ApiServer(ports, { host: '127.0.0.1', port: 0, requestsPerToken: 10 });
    url = new URL(await server.listen());
  });
  afterEach(async () => {
    await server.close();
    for (const one of [leader, elsewhere]) one.close();
  });

  const ask = (path: string, token = right) =>
    new Promise<number>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` };
      const sent = request({ host: url.hostname, port: url.port, path, headers }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      });
      sent.once('error', reject).end();
    });

  it('asks only the leader, whatever address a client writes', async () => {
    const away = elsewhere.url;
    for (const path of ['/api/v1/devices', `//${new URL(away).host}/x`, `${away}/x`, '/a/..//b?c=http://d'])
      await ask(path);
    expect(elsewhere.asked).toEqual([]);
    expect(leader.asked).toHaveLength(4);
    expect(leader.asked.every((one) => one.endsWith(`Bearer ${right}`))).toBe(true);
  });

  it('asks the leader about everything where the token is for a part of the fleet', async () => {
    const paths = [
      '/events',
      '/fleet/metrics?name=a',
      '/devices/a/events',
      '/devices/a/metrics?name=a',
      '/stream',
    ];
    for (const path of paths) expect(await ask(`/api/v1${path}`, scoped)).toBe(200);
    expect(leader.asked).toEqual(paths.map((path) => `GET /api/v1${path} Bearer ${scoped}`));
  });

  it('forwards nothing with a wrong token', async () => {
    expect(await ask('/api/v1/devices', 'gsk_wrong')).toBe(401);
    expect(leader.asked).toEqual([]);
  });

  it('stops who guesses after 30 in a minute, and not who has a token', async () => {
    const guessed: number[] = [];
    for (const path of Array(20).fill(['/api/v1/devices', '/api/v1/events']).flat())
      guessed.push(await ask(path, 'gsk_wrong'));
    expect(guessed).toEqual([...Array(30).fill(401), ...Array(10).fill(429)]);
    expect(await ask('/api/v1/devices')).toBe(200);
  });
});
