import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeviceShareInfo, DeviceShareReport } from '../../../../src/api/index.ts';
import { formatManifest } from '../../../../src/model/index.ts';
import { admin } from '../../../fakes/test-fleet.ts';
import { pushBundle } from '../../../fixtures/push-bundle.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { announce } from './device-and-bundle.ts';
import { Served, until } from './serve.ts';

let served: Served;
beforeEach(async () => {
  served = await Served.open();
});
afterEach(() => served.close());

const sha256 = (bytes: string | Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function push(version: string): Promise<void> {
  const [path, content] = ['onnx/fp32.onnx', `tiny ${version}`];
  const file = { path, digest: sha256(content), size: content.length };
  const variants = [{ kind: 'fp32' as const, file }];
  const manifest = Buffer.from(formatManifest(tinyManifest({ name: 'street', version, variants })));
  await pushBundle(served.controller, admin, manifest, { [path]: Buffer.from(content) });
}

test('what is listed of devices that labels divide can be read by its name, however long the keys are', async () => {
  const keys = ['a', 'b'].map((letter) => letter.repeat(60)) as [string, string];
  for (const [id, value] of [
    ['d1', '1'],
    ['d2', '2'],
  ] as const) {
    const version = `${value}.0.0`;
    await push(version);
    await announce(served, id);
    await until(() => served.controller.registry.get(id)?.online === true);
    const labels = { [keys[0]]: value, [keys[1]]: 'same' };
    await served.controller.labels.setLabels(admin, id, labels);
    const policy = { model: { name: 'street', version }, target: { labels } };
    await served.controller.rollouts.create(admin, { name: `to ${version}`, policy });
  }
  const { body } = await served.json<{ shares: DeviceShareInfo[] }>('GET', '/device-shares', 'viewer');
  const [of = ''] = body.shares.map((one) => one.of);
  expect(of).toMatch(/^street by a{60}, b+~ [0-9a-f]+$/);
  const read = await served.json<DeviceShareReport>(
    'GET',
    `/device-shares/${encodeURIComponent(of)}`,
    'viewer',
  );
  expect(read.status).toBe(200);
  expect(read.body.devices.map(({ device }) => device)).toEqual(['d1', 'd2']);
});
