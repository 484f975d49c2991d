import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveInferenceHttp } from '../../../../src/adapters/inference-http/index.ts';
import { serve } from '../../serving/served.ts';

type Options = Partial<Parameters<typeof serveInferenceHttp>[0]>;
const facts = { name: 'goshawk', version: '0.1.0', extensions: ['binary_tensor_data'] };
const asked = JSON.stringify({
  inputs: [{ name: 'image', datatype: 'UINT8', shape: [1, 1, 3], data: [1, 2, 3] }],
});

async function open(over: Options = {}, served: Parameters<typeof serve>[0] = {}) {
  const { service } = serve(served);
  const options = { service, facts, host: '127.0.0.1', port: 0, maxBytes: 10_000, ...over };
  const server = await serveInferenceHttp(options);
  onTestFinished(() => server.close());
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: JSON.parse(text) as unknown, headers: response.headers };
  };
  return {
    ...server,
    get,
    infer: (init: RequestInit = {}) =>
      get('/v2/models/street/infer', { method: 'POST', body: asked, ...init }),
  };
}

describe('Requests over HTTP', () => {
  it.each([
    ['/v2', 200, facts],
    ['/v2/health/live', 200, { live: true }],
    ['/v2/health/ready', 200, { ready: true }],
    ['/v2/models/street/ready', 200, { name: 'street', ready: true }],
    ['/v2/models/street/versions/2.0.0/ready', 400, { name: 'street', ready: false }],
    ['/v2/models/street/versions/1.0.0/', 200, expect.objectContaining({ versions: ['1.0.0'] })],
    ['/v2/models/yard', 404, { error: expect.stringContaining('It runs street 1.0.0.') }],
    ['/v2/models/%zz', 404, { error: expect.stringContaining('URI malformed') }],
    ['/v1/models', 404, { error: expect.stringContaining('address does not exist') }],
    ['/v2/models/street/infer', 405, { error: 'This address is for POST.' }],
  ])('for %s get %i', async (path, status, body) => {
    const { get } = await open();
    expect(await get(path)).toMatchObject({ status, body });
  });

  it('list the models to the clients of Triton', async () => {
    const { get } = await open();
    expect((await get('/v2/repository/index', { method: 'POST' })).body).toEqual([
      { name: 'street', version: '1.0.0', state: 'READY' },
    ]);
  });

  it('are answered', async () => {
    const { infer } = await open();
    expect(await infer()).toMatchObject({
      status: 200,
      body: { model_name: 'street', outputs: [{ name: 'boxes' }, {}, {}, {}] },
    });
  });

  it('need the token, but for health', async () => {
    const allowed = (authorization: string | undefined) => authorization === 'Bearer good';
    const { get, infer } = await open({ allowed });
    expect((await get('/v2/health/ready')).status).toBe(200);
    for (const path of ['/v2', '/v2/models/street']) expect((await get(path)).status).toBe(401);
    expect((await infer()).status).toBe(401);
    expect((await infer({ headers: { authorization: 'Bearer good' } })).status).toBe(200);
  });

  it('that are too large are refused, whether they say so or not', async () => {
    const { infer } = await open();
    const large = 'x'.repeat(10_001);
    expect(await infer({ body: large })).toMatchObject({ status: 413 });
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(large));
        controller.close();
      },
    });
    expect(await infer({ body: stream, duplex: 'half' } as RequestInit)).toMatchObject({ status: 413 });
    expect(await infer({ headers: { 'content-encoding': 'gzip' } })).toMatchObject({ status: 400 });
  });

  it('that fill the memory for bodies together are told to come again, and others are served later', async () => {
    const { url, infer } = await open();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => halfSent(url, 10_000, 9_990)));
    await expect.poll(async () => infer({ body: asked.padEnd(9_000) })).toMatchObject({ status: 503 });
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => infer()).toMatchObject({ status: 200 });
  });

  it('are given up when the client goes', async () => {
    let given: AbortSignal | undefined;
    const { infer } = await open(
      {},
      {
        infer: (_slot, _frame, _settings, signal) => {
          given = signal;
          return new Promise(() => {});
        },
      },
    );
    const gone = new AbortController();
    const answer = infer({ signal: gone.signal }).catch(() => 'gone');
    await expect.poll(() => given).toBeDefined();
    gone.abort();
    expect(await answer).toBe('gone');
    await expect.poll(() => given?.aborted).toBe(true);
  });

  it('reveal no internals when the engine fails', async () => {
    const { infer } = await open({}, { infer: () => Promise.reject(new Error('CUDA error 700 at 0x7f')) });
    expect(await infer()).toMatchObject({
      status: 500,
      body: { error: 'The model failed. Look at the log of the device.' },
    });
  });
});

/** A request that never comes to its end. */
function halfSent(url: string, length: number, sent: number) {
  const { hostname, port } = new URL(url);
  return new Promise<import('node:net').Socket>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /v2/models/street/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${'x'.repeat(sent)}`,
        () => resolve(socket),
      );
    });
    socket.on('error', () => {});
  });
}
