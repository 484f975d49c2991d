import fc from 'fast-check';
import type { PayloadKind, PayloadOf } from '../../../src/protocol/index.ts';

export const digest = `sha256:${'ab'.repeat(32)}`;

/** One valid payload of every kind; the starting point of mutations. */
export const samples: { readonly [K in PayloadKind]: PayloadOf<K> } = {
  state: {
    online: true,
    session: 7,
    timeMs: 1_790_000_000_000,
    startedMs: 1_790_000_000_000,
    reportsEverySeconds: 10,
    agentVersion: '0.1.0',
    board: { name: 'Jetson Orin Nano', arch: 'arm64', os: 'Ubuntu 22.04', cores: 6, memoryBytes: 8e9 },
    cameras: ['front'],
    catalogue: [
      { alias: 0, name: 'frames_received_total', unit: '1', kind: 'counter', labels: { camera: 'front' } },
      { alias: 1, name: 'capture_to_publish_seconds', unit: 'seconds', kind: 'histogram' },
    ],
  },
  metrics: {
    session: 7,
    sequence: 3,
    entry: 12,
    historical: false,
    samples: [
      [1_790_000_000_000, 0, 1234],
      [
        1_790_000_000_000.5,
        1,
        {
          buckets: [
            [-27, 4],
            [-26, 1],
          ],
          zeros: 0,
          sum: 0.5,
        },
      ],
    ],
  },
  events: {
    id: 'd1-7-000001',
    entry: 13,
    session: 7,
    timeMs: 1_790_000_000_000,
    kind: 'deployment.committed',
    severity: 'info',
    message: 'street 1 serves.',
    data: { nested: { list: [1, 'two', null] } },
  },
  desired: {
    generation: 4,
    timeMs: 1_790_000_000_000,
    slots: {
      main: { model: { name: 'street', version: '2', digest } },
    },
    pipelines: { '*': { scoreThreshold: 0.4, classes: ['car'] } },
  },
  reported: {
    generation: 4,
    session: 7,
    timeMs: 1_790_000_000_000,
    slots: {
      main: {
        deployment: { state: 'failed', digest, reason: 'The digest does not match.' },
        loaded: { name: 'street', version: '1', digest, engine: 'onnxruntime-node', precision: 'fp32' },
        role: 'serve',
        cameras: ['front'],
      },
    },
    pipelines: { front: { enabled: true } },
  },
  response: {
    ok: false,
    code: 'camera-unknown',
    message: 'No camera named rear.',
    remedy: 'Cameras: front.',
  },
  preview: {
    stampNs: '1790000000000000000',
    width: 1920,
    height: 1080,
    jpeg: new Uint8Array([0xff, 0xd8, 0xff, 0xd9]),
    detections: [{ label: 'car', score: 0.9, box: [1, 2, 3.5, 4], trackId: 5 }],
    model: 'street',
    version: '1',
    captureToPublishMs: 31.5,
    roles: ['viewer'],
  },
  results: {
    type: 'frame',
    camera: 'front',
    node: 'detect',
    slot: 'main',
    sequence: 12,
    stampNs: '1790000000000000000',
    frameId: 'front',
    model: { name: 'street', version: '1', digest },
    width: 1920,
    height: 1080,
    detections: [
      {
        ...{ label: 'car', classId: 2, score: 0.9, box: [1, 2, 3.5, 4], trackId: 5 },
        mask: [[1, 2, 3.5, 2, 3.5, 4]],
        keypoints: [
          [1, 2],
          [3, 4, 0.5],
        ],
        attributes: [{ node: 'colour', label: 'red', score: 0.7 }],
        children: [{ node: 'plate', label: 'plate', classId: 0, score: 0.8, box: [1, 3, 2, 4] }],
      },
    ],
    timings: { preprocessMs: 1, inferMs: 20, postprocessMs: 0.5 },
    captureToPublishMs: 31.5,
  },
};

export const kinds = Object.keys(samples) as PayloadKind[];

/** Bytes with a few places overwritten, cut, doubled: what a broken sender or a bad link gives. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .record({
      edits: fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
      cut: fc.option(fc.nat(bytes.length), { nil: undefined }),
      tail: fc.uint8Array({ maxLength: 8 }),
    })
    .map(({ edits, cut, tail }) => {
      const copy = Uint8Array.from(bytes);
      for (const [at, value] of edits) copy[at] = value;
      return Uint8Array.from([...copy.subarray(0, cut ?? copy.length), ...tail]);
    });
}
