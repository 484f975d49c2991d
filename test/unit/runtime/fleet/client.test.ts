import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FleetClient } from '../../../../src/runtime/fleet/client.ts';

describe('A client whose connection is closed before the answer', () => {
  let server: Server;
  const asked: string[] = [];

  /** Closes the first connections without a word, or after `begun` of an answer; then answers. */
  async function closing(times: number, begun = ''): Promise<FleetClient> {
    asked.length = 0;
    server = createServer((request, response) => {
      asked.push(request.method ?? '');
      if (asked.length <= times && begun === '') request.socket.destroy();
      else if (asked.length <= times) response.write(begun, () => request.socket.destroy());
      else response.end('{"fine":true}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new FleetClient({ url: `http://127.0.0.1:${port}`, token: 't' });
  }
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('asks once more where it only reads', async () => {
    const client = await closing(1);
    expect(await client.call('GET /devices')).toEqual({ fine: true });
    expect(asked).toEqual(['GET', 'GET']);
  });

  it('does not ask for ever', async () => {
    const client = await closing(5);
    await expect(client.call('GET /devices')).rejects.toMatchObject({ code: 'controller-unreachable' });
    expect(asked).toEqual(['GET', 'GET']);
  });

  it('says that it does not answer where it ends in the middle of one', async () => {
    const client = await closing(1, '{"fine":');
    await expect(client.call('GET /devices')).rejects.toMatchObject({ code: 'controller-unreachable' });
  });

  it('does not order twice', async () => {
    const client = await closing(1);
    const order = client.call('PUT /devices/:id/desired', { params: { id: 'a' }, body: {} });
    await expect(order).rejects.toMatchObject({ code: 'controller-unreachable' });
    expect(asked).toEqual(['PUT']);
  });
});
