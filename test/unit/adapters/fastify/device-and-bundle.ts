import { createHash } from 'node:crypto';
import { formatManifest, type Manifest } from '../../../../src/model/index.ts';
import { encodePayload, topics } from '../../../../src/protocol/index.ts';
import { birth } from '../../../fakes/test-fleet.ts';
import { type Served, until } from './serve.ts';

/** What tests of several routes need: a device that is in, and a bundle that is uploaded. */

export const sha256 = (bytes: string | Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export async function announce(served: Served, id: string): Promise<void> {
  await until(() => served.device.status().state === 'online');
  await until(() => served.controller.summary.current().broker === 'online');
  await served.device.publish({
    topic: topics.state(id),
    payload: encodePayload('state', birth),
    qos: 1,
    retain: true,
  });
}

export const weights = new TextEncoder().encode('these are weights '.repeat(1000));
const manifest: Manifest = {
  schema: 1,
  name: 'street',
  version: '1.0.0',
  task: 'detection',
  licence: 'Apache-2.0',
  labels: ['car'],
  input: {
    tensor: 'images',
    width: 160,
    height: 160,
    layout: 'nchw',
    dtype: 'float32',
    colorOrder: 'rgb',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: 'center',
    pad: 114,
  },
  output: { decoder: 'yolov8', tensors: ['output'] },
  variants: [
    { kind: 'fp32', file: { path: 'onnx/fp32.onnx', digest: sha256(weights), size: weights.length } },
  ],
  provenance: { sourceDigest: sha256('source'), createdBy: 'test', createdAt: '2026-01-01T00:00:00Z' },
};
export const manifestBytes = formatManifest(manifest);
export const digest = sha256(manifestBytes);

export const put = (served: Served, path: string, body: string | Uint8Array) =>
  served.fetch(`/api/v1/artifacts/${path}`, 'operator', {
    method: 'PUT',
    body: body as BodyInit,
    headers: { 'content-type': 'application/octet-stream' },
  });
