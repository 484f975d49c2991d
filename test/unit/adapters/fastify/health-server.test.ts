import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { healthServer } from '../../../../src/adapters/fastify/health-server.ts';
import { freePort } from '../../../contract/brokers.ts';
import { Served } from './serve.ts';

it('The port for health answers that and nothing else', async () => {
  let status = 200;
  const server = healthServer(() => ({ status, body: { status: status === 200 ? 'ok' : 'degraded' } }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return [response.status, await response.text()];
  };
  expect(await ask('/healthz')).toEqual([200, '{"status":"ok"}']);
  status = 503;
  expect(await ask('/healthz')).toEqual([503, '{"status":"degraded"}']);
  expect(await ask('/healthz', { method: 'HEAD' })).toEqual([503, '']);
  expect(await ask('/healthz', { method: 'POST', body: 'x' })).toMatchObject([404, expect.anything()]);
  expect(await ask('/api/v1/fleet')).toMatchObject([404, expect.anything()]);
});

it('The port for health is a setting of the controller, and says what the other one says', async () => {
  const healthPort = await freePort();
  const served = await Served.open({ healthPort });
  onTestFinished(() => served.close());
  const ask = async (url: string) => {
    const response = await fetch(url);
    return [response.status, await response.json()];
  };
  expect(await ask(`http://127.0.0.1:${healthPort}/healthz`)).toEqual(await ask(`${served.url}/healthz`));
  await served.server.close();
  await expect(fetch(`http://127.0.0.1:${healthPort}/healthz`)).rejects.toThrow();
});

it('A port for health that another program has is said, and nothing stays open', async () => {
  const served = await Served.open();
  onTestFinished(() => served.close());
  const healthPort = Number(new URL(served.url).port);
  await expect(Served.open({ healthPort })).rejects.toMatchObject({
    code: 'address-taken',
    message: expect.stringContaining(`:${healthPort}`),
  });
});
