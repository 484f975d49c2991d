import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { FoxgloveClient } from '@foxglove/ws-protocol';
import { Value } from '@sinclair/typebox/value';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../../src/adapters/aedes/index.ts';
import { MqttjsTransport } from '../../../src/adapters/mqttjs/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { ResultMessage } from '../../../src/protocol/index.ts';
import { freePort } from '../../contract/brokers.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { ended, goshawk, jsonLines, pictureFolder, start, tinyBundleFolder } from '../goshawk.ts';

async function setUp(pictures: number) {
  const base = temporaryFolder();
  const bundle = await tinyBundleFolder(base);
  const source = await pictureFolder(base, pictures);
  return {
    base,
    bundle,
    run: (...args: readonly string[]) => goshawk('run', '--model', bundle, '--source', source, ...args),
  };
}

async function listening() {
  const broker = await startBroker({ port: 0 });
  onTestFinished(() => broker.close());
  const transport = new MqttjsTransport(
    { url: broker.url, clientId: 'listener' },
    { clock: new SystemClock(), log: silentLog, random: Math.random },
  );
  onTestFinished(() => transport.close());
  const got: unknown[] = [];
  transport.onMessage(({ payload }) => void got.push(JSON.parse(String(Buffer.from(payload)))));
  transport.subscribe('yard/camera', 0);
  transport.start();
  await expect.poll(() => transport.status().state).toBe('online');
  return { port: broker.port, got };
}

describe('goshawk run --publish', () => {
  it('sends every result of a recording to a broker, a server and a file, and says so in its closing lines', async () => {
    const { base, run } = await setUp(30);
    const { port, got } = await listening();
    const posted: unknown[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        posted.push(...(JSON.parse(Buffer.concat(chunks).toString()) as { results: unknown[] }).results);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const file = join(base, 'a.mcap');
    const publish = [`mqtt://localhost:${port}/yard/{camera}`, `${web}/secret`, file].flatMap((to) => [
      '--publish',
      to,
    ]);
    const ran = await run('--json', ...publish);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const lines = jsonLines(ran.stdout);
    const frames = lines.filter(({ type }) => type === 'frame');
    expect(frames).toHaveLength(30);
    // One shape of a result, wherever it is read.
    for (const frame of frames) expect([...Value.Errors(ResultMessage, frame)]).toEqual([]);
    await expect.poll(() => got).toEqual(frames);
    expect(posted).toEqual(frames);
    expect(statSync(file).size).toBeGreaterThan(1_000);
    expect(lines.at(-1)).toMatchObject({
      streams: [
        { to: `mqtt://localhost:${port}/yard/{camera}`, produced: 30, sent: 30, leftOut: {}, waiting: 0 },
        { to: web, sent: 30 },
        { to: file, sent: 30 },
      ],
    });
  });

  it('lets Foxglove and programs connect while it runs', async () => {
    const { bundle } = await setUp(1);
    const port = await freePort();
    const url = `ws://127.0.0.1:${port}`;
    const child = start('run', '--model', bundle, '--source', 'sim', '--publish', url);
    onTestFinished(() => void child.kill('SIGKILL'));
    const end = ended(child);
    const connected = async (protocols: readonly string[]) => {
      for (;;) {
        const socket = new WebSocket(url, [...protocols]);
        const opened = new Promise<boolean>((resolve) => {
          socket.once('open', () => resolve(true));
          socket.once('error', () => resolve(false));
        });
        if (await opened) return socket;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const texts: string[] = [];
    const program = await connected([]);
    program.on('message', (data) => texts.push(String(data)));
    const seen: string[] = [];
    // It has to listen before the server says what there is.
    const client = new FoxgloveClient({
      ws: new WebSocket(url, [FoxgloveClient.SUPPORTED_SUBPROTOCOL]) as never,
    });
    client.on('advertise', (channels) => {
      for (const { id, topic } of channels) if (topic === '/camera/image') client.subscribe(id);
    });
    client.on('message', ({ data }) => {
      seen.push(String(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
    });
    await expect.poll(() => texts.length).toBeGreaterThan(3);
    expect([...Value.Errors(ResultMessage, JSON.parse(texts[0] ?? ''))]).toEqual([]);
    await expect.poll(() => seen.length).toBeGreaterThan(1);
    const { data } = JSON.parse(seen[0] ?? '') as { data: string };
    // A JPEG.
    expect([...Buffer.from(data, 'base64').subarray(0, 2)]).toEqual([0xff, 0xd8]);
    child.kill('SIGINT');
    const { stdout } = await end;
    expect(stdout).toMatch(/ws:\/\/127\.0\.0\.1:\d+\/: [1-9]\d* results sent/);
    client.close();
    program.terminate();
  });

  it('says what was left out, and why, and finds objects all the same, and ends with 1', async () => {
    const { run } = await setUp(10);
    const port = await freePort();
    const ran = await run('--publish', `mqtt://localhost:${port}/yard`);
    expect(ran.stdout).toContain(`mqtt://localhost:${port}/yard: 0 results sent, 10 left out (10 offline)`);
    expect(ran.stdout).toContain('10 frames processed');
    // A script that relies on the broker has to stop here.
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(
      `No result was delivered to mqtt://localhost:${port}/yard: 10 results lost.`,
    );
  });

  it.each([
    ['mqtt://ann:hunter2@localhost/yard', 'holds a password'],
    ['kafka://localhost/yard', 'is not an address that results can be published to'],
    ['/nowhere/a.mcap', '/nowhere/a.mcap'],
  ])('ends in words at %s', async (address, words) => {
    const { run } = await setUp(1);
    const ran = await run('--publish', address);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(words);
    expect(ran.stderr).not.toContain('hunter2');
  });
});
