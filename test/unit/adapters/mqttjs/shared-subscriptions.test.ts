import { afterEach, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../../src/adapters/system/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import { ingestSubscriptions, type TransportStatus } from '../../../../src/protocol/index.ts';

let broker: Broker | undefined;
let transport: MqttjsTransport | undefined;
afterEach(async () => {
  await transport?.close();
  await broker?.close();
});

it('a broker without shared subscriptions is refused, as it would take them and send nothing', async () => {
  broker = await startBroker({ port: 0 });
  transport = new MqttjsTransport(
    { url: `mqtt://127.0.0.1:${broker.port}`, clientId: 'ingest-1' },
    { clock: new SystemClock(), log: silentLog, random: Math.random },
  );
  const states: TransportStatus[] = [];
  const refused = new Promise<TransportStatus>((resolve) => {
    transport?.onStatus((status) => {
      states.push(status);
      if (status.state === 'refused') resolve(status);
    });
  });
  for (const { filter, qos } of ingestSubscriptions) transport.subscribe(filter, qos);
  transport.start();
  expect(await refused).toMatchObject({ reason: expect.stringContaining('no shared subscriptions') });
  expect(states.map(({ state }) => state)).not.toContain('online');
});
