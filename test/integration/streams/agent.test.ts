import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBroker } from '../../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { decodeMessage, type SentResult } from '../../../src/protocol/index.ts';
import { freePort } from '../../contract/brokers.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { AgentProcess } from '../agent-process.ts';
import { tinyBundleFolder } from '../goshawk.ts';

describe('goshawk agent with streams', () => {
  it('sends results to programs of the fleet’s broker, a second broker and files, and counts them', async () => {
    const base = temporaryFolder();
    const broker = await startBroker({ port: 0 });
    onTestFinished(() => broker.close());
    const results: SentResult[] = [];
    const texts: string[] = [];
    const transport = new MqttjsTransport(
      { url: broker.url, clientId: 'listener' },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    onTestFinished(() => transport.close());
    transport.onMessage(({ topic, payload }) => {
      if (topic.startsWith('goshawk/1/')) {
        const decoded = decodeMessage(topic, payload);
        if (decoded.kind === 'results') results.push(decoded.payload);
      } else texts.push(`${topic} ${Buffer.from(payload)}`);
    });
    transport.subscribe('goshawk/1/d1/results/+', 0);
    transport.subscribe('mine/#', 1);
    transport.start();
    const port = await freePort();
    const recordings = join(base, 'recordings');
    const settings = join(base, 'agent.json');
    writeFileSync(
      settings,
      JSON.stringify({
        ...{ device: 'd1', dataDir: join(base, 'data'), broker: { url: broker.url } },
        ...{ model: await tinyBundleFolder(base), engine: 'onnxruntime-node', prometheus: { port } },
        cameras: { front: { source: 'sim', fps: 20 }, rear: { source: 'sim', fps: 20 } },
        streams: {
          fleet: { fleet: true, cameras: ['front'], rate: 10, fields: ['box'] },
          mine: { mqtt: { url: broker.url, topic: 'mine/{device}/{camera}', homeAssistant: true } },
          record: { mcap: { folder: recordings, pictureFps: 2 } },
          away: { webhook: { url: `http://127.0.0.1:${await freePort()}`, queue: 5 } },
        },
      }),
    );
    const agent = new AgentProcess(settings);
    onTestFinished(() => agent.stop());
    await expect.poll(() => results.length).toBeGreaterThan(10);
    const [first] = results;
    expect(Object.keys(first ?? {}).sort()).toEqual(
      ['camera', 'detections', 'node', 'sequence', 'stampNs', 'type'].sort(),
    );
    expect(new Set(results.map(({ camera }) => camera))).toEqual(new Set(['front']));
    await expect.poll(() => texts.some((text) => text.startsWith('mine/d1/rear {"type":"frame"'))).toBe(true);
    await expect.poll(() => texts.some((text) => text.startsWith('mine/d1/front/state {'))).toBe(true);
    const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await expect.poll(metrics).toMatch(/goshawk_stream_sent_total\{stream="fleet"[^}]*\} [1-9]/);
    expect(await metrics()).toMatch(/goshawk_stream_left_out_total\{[^}]*reason="rate"[^}]*\} [1-9]/);
    agent.process.kill('SIGTERM');
    expect(await agent.ended).toEqual({ code: 0, signal: null });
    expect(texts).toContain('mine/d1/connection offline');
    expect(readdirSync(recordings)).toHaveLength(1);
  });

  it('goes on sending over a restart of its receiver in which its settings are read again', async () => {
    const base = temporaryFolder();
    const port = await freePort();
    let broker = await startBroker({ port });
    onTestFinished(() => broker.close());
    const texts: string[] = [];
    const transport = new MqttjsTransport(
      { url: broker.url, clientId: 'listener', backoff: { firstMs: 50, maxMs: 100 } },
      { clock: new SystemClock(), log: silentLog, random: Math.random },
    );
    onTestFinished(() => transport.close());
    transport.onMessage(({ topic, payload }) => void texts.push(`${topic} ${Buffer.from(payload)}`));
    transport.subscribe('mine/#', 1);
    transport.start();
    const fleet = await startBroker({ port: 0 });
    onTestFinished(() => fleet.close());
    const metricsPort = await freePort();
    const path = join(base, 'agent.json');
    const model = await tinyBundleFolder(base);
    const write = (scoreThreshold: number, topic: string) =>
      writeFileSync(
        path,
        JSON.stringify({
          ...{ device: 'd1', dataDir: join(base, 'data'), broker: { url: fleet.url } },
          ...{ model, engine: 'onnxruntime-node', prometheus: { port: metricsPort } },
          cameras: { front: { source: 'sim', fps: 20, settings: { scoreThreshold } } },
          streams: { mine: { mqtt: { url: broker.url, topic: `${topic}/{camera}` } } },
        }),
      );
    write(0.3, 'mine');
    const agent = new AgentProcess(path);
    onTestFinished(() => agent.stop());
    await expect.poll(() => texts.length).toBeGreaterThan(10);

    await broker.close();
    // The first takes effect at once, the second at the next start.
    write(0.4, 'mine/other');
    agent.process.kill('SIGHUP');
    await agent.line(({ msg }) => msg === 'The settings were read again');
    const waiting = await agent.line(({ msg }) => msg === 'Changed settings wait for a restart');
    expect(waiting).toMatchObject({ waiting: ['streams.mine.mqtt.topic'] });
    broker = await startBroker({ port });
    const before = texts.length;
    await expect.poll(() => texts.length).toBeGreaterThan(before + 10);
    expect(texts.every((text) => text.startsWith('mine/front '))).toBe(true);
    const metrics = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    await expect.poll(metrics).toMatch(/goshawk_stream_sent_total\{stream="mine"[^}]*\} [1-9]/);
    await expect.poll(metrics).toMatch(/goshawk_stream_left_out_total\{[^}]*reason="offline"[^}]*\} [1-9]/);
    agent.process.kill('SIGTERM');
    expect(await agent.ended).toEqual({ code: 0, signal: null });
  });
});
