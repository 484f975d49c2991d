import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveInferenceGrpc } from '../../../../src/adapters/grpc/index.ts';
import { schema, serviceName } from '../../../../src/adapters/grpc/schema.ts';
import { fleetIdentities } from '../../../fixtures/fleet-identities.ts';
import { serve } from '../../serving/served.ts';

const facts = { name: 'goshawk', version: '0.1.0', extensions: [] };
const request = {
  model_name: 'street',
  inputs: [{ name: 'image', datatype: 'UINT8', shape: [1, 1, 3], contents: { uint_contents: [1, 2, 3] } }],
};
const calls = fromJSON(schema as unknown as Parameters<typeof fromJSON>[0], {
  ...{ keepCase: true, longs: Number, defaults: true },
})[serviceName] as Record<
  string,
  {
    path: string;
    requestSerialize: (value: object) => Buffer;
    responseDeserialize: (bytes: Buffer) => unknown;
  }
>;

async function open(
  over: Partial<Parameters<typeof serveInferenceGrpc>[0]> = {},
  served: Parameters<typeof serve>[0] = {},
) {
  const { service } = serve(served);
  const options = { service, facts, host: '127.0.0.1', port: 0, maxBytes: 10_000, ...over };
  const server = await serveInferenceGrpc(options);
  onTestFinished(() => server.close());
  return { ...connect(server.url), another: () => connect(server.url) };
}

function connect(url: string) {
  const own = { 'grpc.use_local_subchannel_pool': 1 };
  const client = new Client(url.replace('grpc://', ''), credentials.createInsecure(), own);
  onTestFinished(() => client.close());
  const start = (
    name: string,
    message: object,
    token?: string,
    done: (error: ServiceError | null, answer?: unknown) => void = () => {},
  ) => {
    const { path, requestSerialize, responseDeserialize } = calls[name]!;
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    return client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, metadata, done);
  };
  const call = (name: string, message: object = {}, token?: string) =>
    new Promise<unknown>((resolve) => {
      start(name, message, token, (error, answer) =>
        resolve(error === null ? answer : { code: error.code, details: error.details }),
      );
    });
  return { call, start };
}

describe('Requests over gRPC', () => {
  it('are answered over TLS too', async () => {
    const { cert, key } = await (await fleetIdentities())('cam-1');
    const { service } = serve();
    const options = { service, facts, host: '127.0.0.1', port: 0, maxBytes: 10_000, tls: { cert, key } };
    const server = await serveInferenceGrpc(options);
    onTestFinished(() => server.close());
    const address = server.url.replace('grpc://', '');
    const trusting = credentials.createSsl(null, null, null, { rejectUnauthorized: false });
    const client = new Client(address, trusting, { 'grpc.use_local_subchannel_pool': 1 });
    onTestFinished(() => client.close());
    const { path, requestSerialize, responseDeserialize } = calls.ServerLive!;
    const answer = new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error, live) =>
        error === null ? resolve(live) : reject(error),
      );
    });
    expect(await answer).toEqual({ live: true });
  });

  it('are answered', async () => {
    const { call } = await open();
    expect(await call('ServerLive')).toEqual({ live: true });
    expect(await call('ServerReady')).toEqual({ ready: true });
    expect(await call('ServerMetadata')).toEqual(facts);
    expect(await call('ModelReady', { name: 'street', version: '2' })).toEqual({ ready: false });
    expect(await call('ModelMetadata', { name: 'street' })).toMatchObject({ versions: ['1.0.0'] });
    expect(await call('RepositoryIndex')).toMatchObject({ models: [{ name: 'street', state: 'READY' }] });
    const answer = (await call('ModelInfer', { ...request, id: '7' })) as {
      id: string;
      outputs: { name: string }[];
      raw_output_contents: Buffer[];
    };
    expect(answer).toMatchObject({ id: '7', outputs: [{ name: 'boxes', shape: [1, 4] }, {}, {}, {}] });
    expect(answer.raw_output_contents[0]).toHaveLength(16);
  });

  it('that do not fit are told why, in the codes of gRPC', async () => {
    const { call } = await open();
    expect(await call('ModelInfer', { ...request, inputs: [] })).toMatchObject({ code: 3 });
    expect(await call('ModelInfer', { ...request, model_name: 'yard' })).toMatchObject({
      code: 5,
      details: expect.stringContaining('It runs street 1.0.0.'),
    });
    expect(
      await call('ModelInfer', { ...request, raw_input_contents: [Buffer.alloc(20_000)] }),
    ).toMatchObject({
      code: 8,
    });
  });

  it('need the token', async () => {
    const { call } = await open({ allowed: (authorization) => authorization === 'Bearer good' });
    expect(await call('ServerMetadata')).toMatchObject({ code: 16 });
    expect(await call('ModelInfer', request, 'wrong')).toMatchObject({ code: 16 });
    expect(await call('ModelInfer', request, 'good')).toMatchObject({ model_name: 'street' });
  });

  it('beyond sixteen at once are refused, and are given up when the client goes', async () => {
    const signals: AbortSignal[] = [];
    const infer = (_slot: string, _frame: unknown, _settings: unknown, signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>(() => {});
    };
    const { start, another, call } = await open({}, { infer });
    const all = Array.from({ length: 16 }, () => start('ModelInfer', request));
    await expect.poll(() => signals.length).toBe(16);
    // One connection has no more than sixteen streams.
    expect(await another().call('ServerLive')).toMatchObject({ code: 14 });
    for (const one of all) one.cancel();
    await expect.poll(() => signals.every(({ aborted }) => aborted)).toBe(true);
    expect(await call('ServerLive')).toEqual({ live: true });
  });
});
