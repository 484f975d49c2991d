import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MqttjsTransport } from '../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { metricNames, topics } from '../../../src/protocol/index.ts';
import { readSecret } from '../../../src/runtime/settings/read.ts';
import { brokerKinds } from './brokers.ts';
import { TestFleet } from './fleet.ts';
import { eventually, type Program } from './program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const fromController = [
  topics.desired('cam-1'),
  topics.call('cam-1', 'ack'),
  topics.call('cam-1', 'preview'),
  topics.call('cam-1', 'nothing'),
];
const fromDevices = [
  topics.state('cam-3'),
  topics.metrics('cam-3'),
  topics.events('cam-3'),
  topics.reported('cam-3'),
  topics.response('cam-3'),
  topics.preview('cam-3', 'front'),
  'goshawk/1/cam-3/nothing',
];
const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc.jsonValue({ maxDepth: 3 }).map((value) => new TextEncoder().encode(JSON.stringify(value))),
  fc
    .constantFrom('{"generation":-1}', '{"online":true}', '{"entries":["x"]}', '{}')
    .map((text) => new TextEncoder().encode(text)),
);

describe('A live agent and a live controller under malformed payloads on every topic', () => {
  let fleet: TestFleet;
  let agent: Program;
  let stranger: MqttjsTransport;

  beforeAll(async () => {
    const [aedes] = brokerKinds;
    if (aedes === undefined) throw new Error('There is no broker to test with.');
    fleet = await TestFleet.open(aedes);
    await fleet.broker.start();
    await fleet.startController();
    agent = await fleet.startAgent({ device: 'cam-1' });
    await fleet.online('cam-1');
    const { url, username = '', passwordFile = '' } = fleet.broker.access('stranger');
    stranger = new MqttjsTransport(
      { url, clientId: 'stranger', username, password: await readSecret(passwordFile) },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    stranger.start();
    await eventually('the stranger is in', () => stranger.status().state === 'online');
  });
  afterAll(async () => {
    await stranger.close();
    await fleet.close();
  });

  it('refuse and count them, and go on as before', async () => {
    const send = (topic: string, payload: Uint8Array) =>
      stranger.publish({ topic, payload, qos: 1, retain: false });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...fromController, ...fromDevices), bytes, send), {
      numRuns: 600,
      seed: 7,
    });
    for (const topic of [...fromController, ...fromDevices])
      await send(topic, new TextEncoder().encode('{"no":'));
    await eventually('the device counts what it refused', async () => {
      const { metrics } = await fleet.device('cam-1');
      const refused = metrics.filter(({ name }) => name === metricNames.refusedPayloads);
      return ['desired', 'call'].every((kind) =>
        refused.some(({ labels, value }) => labels.kind === kind && (value ?? 0) > 10),
      );
    });
    expect((await fleet.client.call('GET /fleet')).malformed).toBeGreaterThan(100);

    // Both still do their work.
    expect(
      await fleet.command('pipeline', 'set', '--device', 'cam-1', '--score-threshold', '0.42'),
    ).toMatchObject({
      code: 0,
    });
    await eventually(
      'an order is followed',
      async () => (await fleet.device('cam-1')).reported?.pipelines.front?.scoreThreshold === 0.42,
    );
    expect((await fleet.device('cam-1')).summary).toMatchObject({
      online: true,
      slots: { main: { loaded: { digest: fleet.model.digest } } },
    });
    expect([agent.alive, fleet.controller.alive]).toEqual([true, true]);
    for (const program of [agent, fleet.controller]) expect(program.stderr).not.toMatch(/^\s+at /m);
    expect(await agent.end()).toMatchObject({ code: 0 });
  });
});
