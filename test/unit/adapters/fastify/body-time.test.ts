import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limitBodyTime, limitRest } from '../../../../src/adapters/fastify/body-time.ts';

const app = Fastify();
beforeEach(async () => {
  if (app.server.listening) return;
  app.put('/', {
    onRequest: async (request, reply) => limitBodyTime(request, reply, 200),
    handler: async (request) => ({ got: request.body }),
  });
  app.put('/refused', {
    onRequest: async (request, reply) => {
      limitRest(request, reply, 200);
      await reply.code(429).send({ code: 'too-many-requests' });
    },
    handler: async () => ({}),
  });
  app.setErrorHandler((error, request, reply) => {
    limitRest(request, reply);
    return reply.code((error as { statusCode?: number }).statusCode ?? 500).send({ code: 'refused' });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => app.server.closeAllConnections());

/** What comes back on one connection until it is closed. */
function speak(pieces: readonly string[], everyMs: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('data', (data) => {
      heard += data.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
    let next = 0;
    const timer = setInterval(() => {
      const piece = pieces[next++];
      if (piece === undefined || socket.destroyed) clearInterval(timer);
      else socket.write(piece);
    }, everyMs);
  });
}

const head = (length: number, path = '/', connection = 'close') =>
  `PUT ${path} HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

test('A client that sends its body too slowly gets an answer that says so, and is disconnected', async () => {
  const heard = await speak([head(500), ...Array.from({ length: 100 }, () => ' ')], 50);
  expect(heard).toMatch(/^HTTP\/1\.1 408/);
  expect(heard).toContain('request-slow');
});

test('who sends it in two pieces is answered', async () => {
  expect(await speak([head(2), '{', '}'], 1)).toMatch(/^HTTP\/1\.1 200.*"got":\{\}/s);
});

test('who is refused while sending much reads why, and who never ends is cut off', async () => {
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/refused`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'PUT', headers, body: 'x'.repeat(8_000_000) });
  expect(answer.status).toBe(429);
  const endless = Array.from({ length: 1_000 }, () => ' ');
  expect(await speak([head(5_000, '/refused', 'keep-alive'), ...endless], 20)).toMatch(/^HTTP\/1\.1 429/);
});

test('A client that sends too large a body gets the reason, and keeps its connection', async () => {
  const large = 2_000_000;
  const heard = await speak(
    [head(large, '/', 'keep-alive'), 'x'.repeat(large / 2), 'x'.repeat(large / 2), `${head(2)}{}`],
    100,
  );
  expect(heard).toMatch(/^HTTP\/1\.1 413(?:.|\s)*HTTP\/1\.1 200/);
});
