import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { decodePayload, encodePayload, type Reported, topics } from '../../src/protocol/index.ts';
import { birth } from '../fakes/test-fleet.ts';
import { eventually, Program } from './fleet/program.ts';
import { pictureFolder, tinyBundleFolder } from './goshawk.ts';

const timeout = 300_000;

describe('A program that gets SIGHUP', () => {
  let base: string;
  let broker: Broker;
  let peer: MqttjsTransport;
  let program: Program | undefined;
  let file: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'goshawk-reload-'));
    file = join(base, 'settings.json');
  });
  afterEach(async () => {
    await program?.end('SIGKILL');
    program = undefined;
    await peer.close();
    await broker.close();
    rmSync(base, { recursive: true, force: true });
  });

  async function connect(clientId: string): Promise<void> {
    broker = await startBroker({ port: 0 });
    peer = new MqttjsTransport(
      { url: broker.url, clientId },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    peer.start();
    await eventually('it is connected', () => peer.status().state === 'online');
  }

  async function start(command: 'agent' | 'controller', settings: object): Promise<Program> {
    write(settings);
    program = Program.goshawk(command, '--config', file);
    await program.line('started', timeout);
    return program;
  }

  const write = (settings: object | string) =>
    writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  const said = (part: string) => program!.log.filter(({ msg }) => msg?.includes(part) === true);
  /** Until one more line with `part` is in its log; gives that line. */
  async function reload(part: string) {
    const before = said(part).length;
    program!.signal('SIGHUP');
    await eventually(`it says "${part}"`, () => !program!.alive || said(part).length > before, timeout);
    expect(program!.alive, program!.stderr).toBe(true);
    return said(part).at(-1);
  }

  it('as an agent applies the settings of its pipelines, below those of the fleet', {
    timeout,
  }, async () => {
    await connect('fleet');
    let reported: Reported | undefined;
    peer.onMessage(({ topic, payload }) => {
      if (topic === topics.reported('d1')) reported = decodePayload('reported', payload, topic);
    });
    peer.subscribe(topics.reported('d1'), 1);
    const settings = (own: object, more: object = {}) => ({
      device: 'd1',
      dataDir: join(base, 'data'),
      broker: { url: broker.url },
      model: join(base, 'tiny-bundle'),
      engine: 'onnxruntime-node',
      cameras: { front: { source: join(base, 'pictures'), fps: 2, settings: own } },
      ...more,
    });
    await tinyBundleFolder(base);
    await pictureFolder(base, 2);
    await start('agent', settings({ scoreThreshold: 0.3, iouThreshold: 0.4 }));
    const front = () => reported?.pipelines.front;
    await eventually('it reports its file', () => front()?.scoreThreshold === 0.3, timeout);

    write(settings({ scoreThreshold: 0.6, iouThreshold: 0.4, drift: { watch: false } }, { threads: 2 }));
    const line = await reload('The settings were read again');
    expect(line?.applied).toEqual(['cameras.front.settings.drift', 'cameras.front.settings.scoreThreshold']);
    await eventually('it says what waits', () => said('wait for a restart').length === 1);
    expect(said('wait for a restart')[0]?.waiting).toEqual(['threads']);
    await eventually('it reports the new file', () => front()?.scoreThreshold === 0.6, timeout);
    await eventually('it watches no more', () => reported?.drift?.front?.state === 'off', timeout);

    write(settings({ scoreThreshold: 7 }, { threads: 0 }));
    const refused = await reload('The reload failed');
    expect(refused).toMatchObject({
      code: 'settings-invalid',
      remedy: expect.stringContaining('docs/settings.md'),
    });
    expect(refused?.reason).toMatch(/scoreThreshold[\s\S]*threads|threads[\s\S]*scoreThreshold/);
    write('{ "device": ');
    expect((await reload('The reload failed'))?.reason).toContain('is not valid YAML');
    expect(front()?.scoreThreshold).toBe(0.6);

    const desired = { generation: 1, timeMs: Date.now(), pipelines: { front: { scoreThreshold: 0.8 } } };
    await peer.publish({
      ...{ topic: topics.desired('d1'), payload: encodePayload('desired', desired) },
      ...{ qos: 1, retain: true },
    });
    await eventually('it follows the fleet', () => front()?.scoreThreshold === 0.8, timeout);
    write(settings({ scoreThreshold: 0.5, iouThreshold: 0.7 }));
    await reload('The settings were read again');
    await eventually('the rest of the file acts', () => front()?.iouThreshold === 0.7, timeout);
    expect(front()?.scoreThreshold).toBe(0.8);
    expect((await program!.end()).code).toBe(0);
  });

  it('as a controller takes over its quotas', { timeout }, async () => {
    await connect('d1');
    const settings = (quotas: object, more: object = {}) => ({
      dataDir: join(base, 'data'),
      broker: { url: broker.url },
      http: { port: 0 },
      quotas: { messagesPerMinute: 1_000_000, ...quotas },
      ...more,
    });
    const url = String(
      (await start('controller', settings({ birthsPerMinute: 60_000 }))).lines.find(
        ({ type }) => type === 'started',
      )?.url,
    );
    const token = readFileSync(join(base, 'data/admin.token'), 'utf8').trim();
    const ask = async (path: string) => {
      const answer = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
      return { ok: answer.ok, text: await answer.text() };
    };
    const exceeded = async () =>
      (await ask('devices/d1/events?limit=1000')).text.includes('more than 24 times a minute');
    let session = 0;
    const bear = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () => {
          session += 1;
          return peer.publish({
            ...{ topic: topics.state('d1'), payload: encodePayload('state', { ...birth, session }) },
            ...({ qos: 1, retain: true } as const),
          });
        }),
      );
    await bear(30);
    await eventually('it knows the device', async () => (await ask('devices/d1')).ok);

    write(settings({ birthsPerMinute: 3 }));
    expect((await reload('The reload failed'))?.reason).toContain('quotas.birthsPerMinute');
    const more = { http: { port: 1 }, drift: { falseDiscoveryRate: 0.2 }, retention: { rawHours: 24 } };
    write(settings({ birthsPerMinute: 24 }, more));
    const line = await reload('The settings were read again');
    expect(line?.applied).toEqual([
      'drift.falseDiscoveryRate',
      'quotas.birthsPerMinute',
      'retention.rawHours',
    ]);
    await eventually('it says what waits', () => said('wait for a restart').length === 1);
    expect(said('wait for a restart')[0]?.waiting).toEqual(['http.port']);
    // Within the quota of the start, however often.
    await eventually('it refuses births', async () => {
      await bear(30);
      return exceeded();
    });
    expect((await program!.end()).code).toBe(0);
  });
});
