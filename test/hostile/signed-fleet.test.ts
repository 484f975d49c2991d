import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { encodeUtf8, silentLog } from '../../src/base/index.ts';
import { type Message, metricNames, parseTopic, topics } from '../../src/protocol/index.ts';
import type { FleetBroker } from '../integration/fleet/brokers.ts';
import { TestFleet } from '../integration/fleet/fleet.ts';
import { eventually, type Program } from '../integration/fleet/program.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// `goshawk controller` and `goshawk agent` whose fleet is signed, and somebody at the broker who may do what it may.

/** Whoever holds it may hear and say everything. */
function attackers(): FleetBroker {
  let broker: Broker | undefined;
  const access = () => ({ url: broker?.url ?? '' });
  return {
    start: async () => {
      broker = await startBroker({ port: 0 });
    },
    stop: async () => broker?.close(),
    ...{ access, badAccess: access },
  };
}

describe('A signed fleet', () => {
  let fleet: TestFleet;
  let broker: MqttjsTransport;
  let agent: Program;
  const seen: Message[] = [];
  const previews = () => seen.filter(({ topic }) => topic.includes('/preview/')).length;

  beforeAll(async () => {
    fleet = await TestFleet.open({
      ...{ title: 'a broker of the attacker', missing: undefined, persistent: false },
      make: () => attackers(),
    });
    await fleet.broker.start();
    await fleet.startController({ trust: { mode: 'throw-away' } });
    const rootFile = join(fleet.folder, 'root.json');
    const anchor = await fetch(`${fleet.url}/api/v1/trust/anchor`, {
      headers: { authorization: `Bearer ${fleet.adminToken}` },
    });
    writeFileSync(rootFile, Buffer.from(await anchor.arrayBuffer()));
    // It brings no model: what it runs was ordered, and signed.
    agent = await fleet.startAgent({
      device: 'cam-1',
      settings: { model: undefined, trust: { mode: 'throw-away', rootFile, url: fleet.url } },
    });
    await fleet.online('cam-1');
    await fleet.push(fleet.model.location);
    const { name, version } = fleet.model.manifest;
    const order = [
      'model',
      'deploy',
      `${name}@${version}`,
      '--device',
      'cam-1',
      '--wait',
      '--timeout',
      '120s',
    ];
    expect(await fleet.command(...order)).toMatchObject({ code: 0 });
    broker = new MqttjsTransport(
      { url: fleet.broker.access('').url, clientId: 'attacker' },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    broker.subscribe('goshawk/1/#', 1);
    broker.onMessage((message) => void seen.push(message));
    broker.start();
    await eventually('it hears', () => seen.length > 0);
  });
  afterAll(async () => {
    await broker?.close();
    await fleet?.close();
  });

  test('shows live pictures, takes acknowledgements and calls, each signed', async () => {
    const response = await fetch(`${fleet.url}/api/v1/devices/cam-1/cameras/front/preview`, {
      headers: { authorization: `Bearer ${fleet.adminToken}` },
    });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    await eventually('a picture comes', async () => {
      await reader?.read();
      return previews() > 0;
    });
    await reader?.cancel();
    expect(await fleet.command('device', 'show', 'cam-1')).toMatchObject({ code: 0 });
    const heard = () => seen.filter(({ topic }) => parseTopic(topic)?.kind === 'call');
    await eventually('an acknowledgement is heard', () =>
      heard().some(({ topic }) => topic.endsWith('/ack')),
    );
    const calls = heard();
    for (const { payload } of calls)
      expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({
        payloadType: 'application/vnd.goshawk.call.v1+json',
      });
    // Metrics of a minute would be 60 entries: what waits is on its way.
    await eventually('what is acknowledged leaves the outbox', async () => {
      const { metrics } = await fleet.device('cam-1');
      const waiting = metrics.find(({ name }) => name === metricNames.outboxEntries)?.value;
      return waiting !== undefined && waiting < 20;
    });
  });

  test('reveals no model to the broker, which asks as admin and replays old messages', async () => {
    await eventually('no picture is under way', async () => {
      const before = previews();
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      return previews() === before;
    });
    const before = previews();
    const old = seen.filter(({ topic, payload }) => topic.endsWith('/call/preview') && payload.length > 0);
    expect(old.length).toBeGreaterThan(0);
    const forged = { camera: 'front', seconds: 60, maxFps: 15, maxWidth: 640, role: 'admin' };
    const bare = { topic: topics.call('cam-1', 'preview'), qos: 1, retain: false } as const;
    await broker.publish({ ...bare, payload: encodeUtf8(JSON.stringify(forged)) });
    for (const message of old) await broker.publish({ ...message, qos: 1, retain: false });
    // A call of the controller that comes after them is answered.
    expect(await fleet.command('device', 'show', 'cam-1')).toMatchObject({ code: 0 });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(previews()).toBe(before);
    expect(agent.alive).toBe(true);
    const kinds = (await fleet.events('cam-1')).map(({ kind }) => kind);
    expect(kinds).not.toContain('device.calls-unknown');
    // Those of a minute are told together.
    await eventually('the device tells which calls it answered', async () =>
      (await fleet.events('cam-1')).some(({ kind }) => kind === 'calls.answered'),
    );
    expect((await fleet.events('cam-1')).map(({ kind }) => kind)).not.toContain('device.calls-unknown');
  });
});
