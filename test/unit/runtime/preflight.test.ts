import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  CancelledError,
  GoshawkError,
  InputError,
  LimitError,
  MissingError,
  RefusedError,
} from '../../../src/base/index.ts';
import { Output } from '../../../src/cli/output.ts';
import { printAgentCheck } from '../../../src/cli/print/agent-check.ts';
import { reachBroker } from '../../../src/runtime/preflight/broker.ts';
import { planTries } from '../../../src/runtime/preflight/plan.ts';
import { type TriedPart, tryConfigured } from '../../../src/runtime/preflight/preflight.ts';
import { AgentSettings } from '../../../src/runtime/settings/agent.ts';
import { checkSettings } from '../../../src/runtime/settings/read.ts';

const settingsOf = (more: object) =>
  checkSettings(
    AgentSettings,
    { device: 'd1', dataDir: '/d', broker: { url: 'mqtt://b:1883' }, ...more },
    'x',
  );
const { signal } = new AbortController();
const onTry = () => {};

describe('What `agent --check` tries', () => {
  it('is each camera, each model, ROS 2 once, and the broker', () => {
    const settings = settingsOf({
      models: { main: '/m', faces: '/f' },
      engine: 'onnxruntime',
      isolate: true,
      ros: { adapter: 'fastdds' },
      inference: { http: { host: '0.0.0.0' }, grpc: {} },
      cameras: {
        front: { source: 'rtsp://ann:secret1@h/x', publish: 'ros' },
        rear: { source: 'ros:/rear' },
      },
    });
    const tries = planTries(settings);
    expect(tries.map(({ name, where }) => `${name}: ${where}`)).toEqual([
      'camera front: rtsp://h/x',
      'ROS 2: results of front, camera rear',
      'model main: /m',
      'model faces: /f',
      'requests by http: 0.0.0.0:8000',
      'requests by grpc: 127.0.0.1:8001',
      'broker: mqtt://b:1883',
    ]);
    expect(tries[1]?.job).toMatchObject({ kind: 'ros', adapter: 'fastdds' });
    expect(tries[2]?.job).toEqual({ kind: 'model', bundle: '/m', engine: 'onnxruntime', isolate: true });
  });

  it('is no ROS 2 and no broker where none is configured', () => {
    const settings = checkSettings(
      AgentSettings,
      { dataDir: '/d', enrolment: { claimFile: '/c' }, cameras: { front: { source: 'sim' } } },
      'x',
    );
    expect(planTries(settings).map(({ name }) => name)).toEqual(['camera front']);
  });

  it('is each address of a broker', async () => {
    const broker = { url: 'mqtts://a:8883', servers: ['mqtts://b:8883', 'wss://c'], caFile: '/ca' };
    const parts = await tryConfigured(settingsOf({ broker, cameras: { front: { source: 'sim' } } }), {
      signal,
      onTry,
      run: async (job) => {
        if (job.kind === 'broker' && job.url.includes('//b'))
          throw new MissingError('broker-away', 'b is away.', 'Check it.');
        return job.kind === 'broker' ? `takes connections by ${job.caFile}` : 'a picture';
      },
    });
    expect(parts.slice(1).map(({ name, state, detail }) => [name, state, detail])).toEqual([
      ['broker 1', 'works', 'mqtts://a:8883: takes connections by /ca'],
      ['broker 2', 'away', 'b is away.'],
      ['broker 3', 'works', 'wss://c: takes connections by /ca'],
    ]);
  });

  const two = settingsOf({ cameras: { front: { source: 'sim' }, rear: { source: 'v4l2:/dev/video9' } } });

  it('goes on after a failure, and says what came of each', async () => {
    const names: string[] = [];
    const parts = await tryConfigured(two, {
      signal,
      onTry: (name) => void names.push(name),
      run: async (job) => {
        if (job.kind === 'broker') throw new MissingError('broker-away', 'It is away.', 'Check it.');
        if (job.kind === 'frames' && job.source === 'sim') throw new MissingError('x', 'No.', 'Install it.');
        return 'a picture';
      },
    });
    expect(names).toHaveLength(3);
    expect(parts.map(({ name, state, detail }) => [name, state, detail])).toEqual([
      ['camera front', 'fails', 'No.'],
      ['camera rear', 'works', 'v4l2:/dev/video9: a picture'],
      ['broker', 'away', 'It is away.'],
    ]);
  });

  it('takes a camera that the running agent has for one that is there', async () => {
    const busy = new RefusedError('v4l2-busy', 'In use.', 'End it.');
    const parts = await tryConfigured(two, { signal, onTry, run: () => Promise.reject(busy) });
    expect(parts[0]?.state).toBe('away');
  });

  it('ends where the user ends it', async () => {
    const cancelled = new CancelledError('It');
    await expect(tryConfigured(two, { signal, onTry, run: () => Promise.reject(cancelled) })).rejects.toBe(
      cancelled,
    );
  });

  it('is only whether a broker takes connections', async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await reachBroker({ kind: 'broker', url: `mqtt://127.0.0.1:${port}` });
    server.close();
    await once(server, 'close');
    await expect(reachBroker({ kind: 'broker', url: `mqtt://127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'broker-away',
      message: expect.stringMatching(`mqtt://127.0.0.1:${port} .*ECONNREFUSED`),
    });
  });
});

describe('The exit status of `agent --check`', () => {
  const fails = (error: GoshawkError): TriedPart => ({ name: 'x', state: 'fails', detail: 'x', error });
  const input = fails(new InputError('a', 'b', 'c'));
  const missing = fails(new MissingError('a', 'b', 'c'));
  const refused = fails(new RefusedError('a', 'b', 'c'));
  const limit = fails(new LimitError('a', 'b', 'c'));
  const other = fails(new GoshawkError('a', 'b', 'c'));
  const works: TriedPart = { name: 'x', state: 'works', detail: 'x' };
  const away: TriedPart = { ...missing, state: 'away' };

  it.each([
    [[], 0],
    [[works, away], 0],
    [[other], 1],
    [[other, limit], 6],
    [[limit, refused], 5],
    [[refused, works, missing], 4],
    [[missing, input], 3],
  ] as const)('%# is that of the failure that has to be mended first', (parts, code) => {
    let text = '';
    const stdout = new Writable({
      write(chunk, _, done) {
        text += String(chunk);
        done();
      },
    });
    const out = new Output({ format: 'json', debug: false, stdout, stderr: stdout });
    expect(printAgentCheck(out, { notes: [], parts })).toBe(code);
    expect(JSON.parse(text)).toMatchObject({ type: 'checked', ok: code === 0 });
  });
});
