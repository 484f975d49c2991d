import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { healthServer, type Probes } from '../../../../src/adapters/fastify/health-server.ts';

async function served(probes: Probes) {
  const server = healthServer(probes);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return [response.status, await response.text()];
  };
}

it('The port for probes answers only probes', async () => {
  let status = 200;
  const ask = await served({
    health: () => ({ status, body: { status: status === 200 ? 'ok' : 'degraded' } }),
  });
  expect(await ask('/healthz')).toEqual([200, '{"status":"ok"}']);
  status = 503;
  expect(await ask('/healthz')).toEqual([503, '{"status":"degraded"}']);
  expect(await ask('/healthz', { method: 'HEAD' })).toEqual([503, '']);
  expect(await ask('/healthz', { method: 'POST', body: 'x' })).toMatchObject([404, expect.anything()]);
  expect(await ask('/api/v1/fleet')).toMatchObject([404, expect.anything()]);
  expect(await ask('/metrics')).toMatchObject([404, expect.anything()]);
});

it('A process that does not work is alive nevertheless: a restart would not help it', async () => {
  const ask = await served({ health: () => ({ status: 503, body: {} }) });
  expect(await ask('/livez')).toEqual([200, '{"status":"ok"}']);
});

it('Metrics that fail are an answer and not the end of the process', async () => {
  let text: string | undefined = 'up 1\n';
  const metrics = async () => {
    if (text === undefined) throw new Error('no');
    return { contentType: 'text/plain', text };
  };
  const ask = await served({ health: () => ({ status: 200, body: {} }), metrics });
  expect(await ask('/metrics')).toEqual([200, 'up 1\n']);
  text = undefined;
  expect(await ask('/metrics')).toEqual([500, '{"code":"metrics-failed"}']);
});
