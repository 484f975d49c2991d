import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceDetail, ErrorBody, ModelList } from '../../../../src/api/index.ts';
import { ModelRegistry } from '../../../../src/controller/models/model-registry.ts';
import { announce, digest, manifestBytes, put, sha256, weights } from './device-and-bundle.ts';
import { Served } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open();
});
afterEach(() => served.close());

describe('models', () => {
  test('are uploaded in any order, checked, given to devices, served in parts, and deleted', async () => {
    expect(await (await put(served, `${digest}/files/onnx/fp32.onnx`, weights)).json()).toEqual({
      complete: false,
      missing: ['manifest.json'],
    });
    expect(await (await put(served, `${digest}/manifest`, manifestBytes)).json()).toEqual({
      complete: true,
      missing: [],
    });
    const { body } = await served.json<ModelList>('GET', '/models', 'viewer');
    expect(body.models).toMatchObject([
      { name: 'street', digest, complete: true, sizeBytes: weights.length },
    ]);

    await announce(served, 'a1');
    await served.json('PUT', '/devices/a1/desired', 'operator', {
      slots: { main: { model: { name: 'street', version: '1.0.0', digest } } },
    });
    const detail = await served.json<DeviceDetail>('GET', '/devices/a1', 'viewer');
    expect(detail.body.desired?.slots?.main?.model?.url).toBe(`http://fleet.test/api/v1/artifacts/${digest}`);

    const whole = await served.fetch(`/api/v1/artifacts/${digest}/onnx/fp32.onnx`, 'device');
    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(weights);
    const rest = await served.fetch(`/api/v1/artifacts/${digest}/onnx/fp32.onnx`, 'device', {
      headers: { range: 'bytes=100-' },
    });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes 100-${weights.length - 1}/${weights.length}`);
    expect(new Uint8Array(await rest.arrayBuffer())).toEqual(weights.subarray(100));
    const text = await (await served.fetch(`/api/v1/artifacts/${digest}/manifest.json`, 'device')).text();
    expect(sha256(text)).toBe(digest);

    expect((await served.json('DELETE', `/artifacts/${digest}`, 'admin')).status).toBe(204);
    expect((await served.fetch(`/api/v1/artifacts/${digest}/manifest.json`, 'device')).status).toBe(404);
  });

  test('survive a restart of the controller, an interrupted upload does not count', async () => {
    await put(served, `${digest}/manifest`, manifestBytes);
    const again = new ModelRegistry(served.artifacts);
    await again.load();
    expect(again.isComplete(digest)).toBe(false);
    await put(served, `${digest}/files/onnx/fp32.onnx`, weights);
    await again.load();
    expect(again.isComplete(digest)).toBe(true);
  });

  test('that are not what they say are refused, and nothing of them is kept', async () => {
    const refused = async (answer: Promise<Response>) => {
      const response = await answer;
      return [response.status, ((await response.json()) as ErrorBody).code];
    };
    expect(await refused(put(served, `${sha256('x')}/manifest`, manifestBytes))).toEqual([
      400,
      'digest-mismatch',
    ]);
    expect(await refused(put(served, `${digest}/manifest`, '{"schema":1}'))).toEqual([400, 'manifest-field']);
    expect(await refused(put(served, `${digest}/manifest`, 'x'.repeat(9_000_000)))).toEqual([
      413,
      'file-too-large',
    ]);
    await put(served, `${digest}/manifest`, manifestBytes);
    expect(await refused(put(served, `${digest}/files/onnx/fp32.onnx`, weights.subarray(1)))).toEqual([
      400,
      'digest-mismatch',
    ]);
    expect(
      await refused(put(served, `${digest}/files/onnx/fp32.onnx`, `${'y'.repeat(weights.length + 1)}`)),
    ).toEqual([413, 'file-too-large']);
    expect(await refused(put(served, `${digest}/files/other.onnx`, weights))).toEqual([404, 'file-unknown']);
    expect(await refused(served.fetch(`/api/v1/artifacts/${digest}/onnx/fp32.onnx`, 'device'))).toEqual([
      404,
      'file-unknown',
    ]);
    for (const path of ['..%2f..%2fsecret', '%2e%2e/secret', 'a/..%2fb', '.', 'manifest.json'])
      expect((await put(served, `${digest}/files/${path}`, weights)).status, path).toBeGreaterThanOrEqual(
        400,
      );
    const incomplete = await served.json<ErrorBody>('PUT', '/groups/g/desired', 'operator', {
      slots: { main: { model: { name: 'street', version: '1.0.0', digest } } },
    });
    expect(incomplete.body.code).toBe('model-incomplete');
  });
});
