import { createHash, X509Certificate } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import { expect, it, onTestFinished } from 'vitest';
import { startBroker } from '../../../../src/adapters/aedes/index.ts';
import { initAuthority, issueOwn, openAuthority } from '../../../../src/adapters/x509/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';

it('A revoked certificate loses its connection to the built-in broker at once, and gets no other', async () => {
  const folder = temporaryFolder();
  const nowMs = Date.now();
  await initAuthority({ folder, name: 'test', nowMs });
  const { authority } = await openAuthority(folder);
  const issue = (use: 'server' | 'client', name: string) =>
    issueOwn(authority, { use, name, hosts: ['127.0.0.1'], nowMs, days: 1 });
  const [server, one, other] = await Promise.all([
    issue('server', 'broker'),
    issue('client', 'd1'),
    issue('client', 'd2'),
  ]);
  // The chain ends with the root.
  const ca = server.cert.slice(server.cert.lastIndexOf('-----BEGIN'));
  const revoked = new Set<string>();
  const broker = await startBroker({
    port: 0,
    tls: { cert: server.cert, key: server.key, ca },
    isRevoked: (fingerprint) => revoked.has(fingerprint),
  });
  const clients: MqttClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) await client.endAsync(true).catch(() => {});
    await broker.close();
  });
  const connect = async (clientId: string, { cert, key }: typeof one) => {
    const client = await connectAsync(broker.url, {
      protocolVersion: 5,
      clientId,
      ca,
      cert,
      key,
      reconnectPeriod: 0,
    });
    clients.push(client);
    return client;
  };
  const client = await connect('d1', one);
  const neighbour = await connect('d2', other);

  revoked.add(createHash('sha256').update(new X509Certificate(one.cert).raw).digest('hex'));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  broker.disconnect('d1');
  await closed;
  await expect(connect('d1', one)).rejects.toThrow();
  expect(neighbour.connected).toBe(true);
});
