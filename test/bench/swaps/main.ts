/*
 * 1,000 hot swaps under a full graph: two cameras, two detectors, a classifier on crops and a shadow; each swap loads a
 * detector of one slot anew, puts it in the place of the one that serves, and closes that. `npm run bench -- swaps`, or with
 * another count: `npm run bench -- swaps 200`. Ends with 1 where a frame is lost or memory grows.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { digestOf, writeBundle } from '../../../src/adapters/filesystem/index.ts';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import type { Bundle, Manifest } from '../../../src/model/index.ts';
import {
  type Detector,
  type FrameReceiver,
  type FrameSource,
  type NodeSettings,
  Pipeline,
} from '../../../src/perception/index.ts';
import { createDetector } from '../../../src/runtime/engines/detectors.ts';
import { headOf } from '../../fixtures/head.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../fixtures/tiny-onnx.ts';

const swaps = Number(process.argv[2] ?? 1000);
const clock = new SystemClock();
const side = 320;
const periodMs = 10;

const nodes: readonly NodeSettings[] = [
  { name: 'detect' },
  { name: 'second', slot: 'second', every: 2 },
  { name: 'kind', slot: 'kind', input: { node: 'detect' } },
  { name: 'next', slot: 'second', role: 'shadow', budget: 0.2 },
];

/** Gives a frame every 10 ms, and counts what it gave and what came back. */
class CountingCamera implements FrameSource {
  readonly camera: string;
  offered = 0;
  released = 0;
  #cancel = () => {};

  constructor(camera: string) {
    this.camera = camera;
  }

  async open(receiver: FrameReceiver): Promise<void> {
    const data = new Uint8Array(new SharedArrayBuffer(side * side * 3));
    this.#cancel = clock.every(periodMs, () => {
      void receiver.frame({
        ...{ camera: this.camera, sequence: this.offered, stampNs: clock.wallNs(), frameId: this.camera },
        ...{ width: side, height: side, encoding: 'rgb8', step: side * 3 },
        pixels: { data, release: () => (this.released += 1) },
      });
      this.offered += 1;
    });
  }

  async close(): Promise<void> {
    this.#cancel();
  }
}

async function bundleIn(
  folder: string,
  name: string,
  change: Partial<Manifest>,
  network: Uint8Array,
): Promise<Bundle> {
  const file = { path: 'fp32.onnx', digest: digestOf(network), size: network.length };
  const manifest = tinyManifest({ name, ...change, variants: [{ kind: 'fp32', file }] });
  return writeBundle(join(folder, name), manifest, new Map([['fp32.onnx', network]]));
}

async function bundlesIn(folder: string): Promise<Map<string, Bundle>> {
  const classes = { output: { name: 'output', shape: [1, 3], values: Float32Array.of(0, 2, 0) } };
  const classifier: Partial<Manifest> = {
    task: 'classification',
    labels: ['red', 'green', 'blue'],
    output: headOf('logits', 3),
  };
  return new Map([
    ['main', await bundleIn(folder, 'main', {}, tinyOnnx())],
    ['second', await bundleIn(folder, 'second', {}, tinyOnnx())],
    ['kind', await bundleIn(folder, 'kind', classifier, tinyOnnx(classes))],
  ]);
}

/** The heap and what lies beside it, after what can be freed was. */
async function memoryMb(): Promise<number> {
  globalThis.gc?.();
  await wait(200);
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}

function unaccounted(pipeline: Pipeline): number {
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((all, n) => all + n, 0);
  return pipeline.stats().nodes.reduce((all, { frames }) => {
    const { received, processed, superseded, dropped, skipped, waiting, inFlight } = frames;
    return (
      all + Math.abs(received - processed - superseded - sum(dropped) - sum(skipped) - waiting - inFlight)
    );
  }, 0);
}

const folder = await mkdtemp(join(tmpdir(), 'goshawk-swaps-'));
const bundles = await bundlesIn(folder);
const open = async (slot: string) =>
  (await createDetector(bundles.get(slot)!, { engine: 'auto', log: silentLog })).detector;
const serving = new Map<string, Detector>();
for (const slot of bundles.keys()) serving.set(slot, await open(slot));
const faults: string[] = [];
const pipeline = new Pipeline({
  ...{ slots: serving, clock, sinks: [{ publish() {} }], parallel: 2 },
  onEvent: (event) => {
    if ('error' in event) faults.push(event.error.message);
  },
});
const cameras = ['front', 'rear'].map((camera) => new CountingCamera(camera));
for (const camera of cameras) await pipeline.add(camera, { settings: { nodes } });
await pipeline.start();
const slots = [...bundles.keys()];
const memory: number[] = [];
const startedMs = clock.monotonicMs();
for (let swap = 0; swap < swaps; swap++) {
  if (swap % Math.max(1, Math.floor(swaps / 10)) === 0) memory.push(await memoryMb());
  const slot = slots[swap % slots.length]!;
  const fresh = await open(slot);
  const drained = pipeline.swap(fresh, slot);
  const old = serving.get(slot)!;
  serving.set(slot, fresh);
  await drained;
  await old.close();
}
memory.push(await memoryMb());
const seconds = (clock.monotonicMs() - startedMs) / 1000;
await pipeline.close();
for (const detector of serving.values()) await detector.close();
await rm(folder, { recursive: true });

const { nodes: counted } = pipeline.stats();
const total = (of: 'received' | 'processed' | 'superseded') =>
  counted.reduce((sum, { frames }) => sum + frames[of], 0);
const dropped = counted.map(({ frames: { dropped } }) => dropped.failed + dropped.timeout + dropped.overflow);
// The first tenth fills caches and pools.
const [, settled = 0] = memory;
const grownMb = memory.at(-1)! - settled;
const report = {
  engine: [...serving.values()][0]!.identity.engine,
  swaps,
  seconds: Math.round(seconds),
  frames: cameras.reduce((sum, { offered }) => sum + offered, 0),
  notReleased: cameras.reduce((sum, { offered, released }) => sum + offered - released, 0),
  ofNodes: { received: total('received'), processed: total('processed'), superseded: total('superseded') },
  lost: dropped.reduce((sum, count) => sum + count, 0),
  unaccounted: unaccounted(pipeline),
  faults: [...new Set(faults)],
  memoryMb: memory.map(Math.round),
  grownMb: Math.round(grownMb * 10) / 10,
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const wrong = report.lost + report.unaccounted + report.notReleased > 0 || faults.length > 0 || grownMb > 32;
process.exit(wrong ? 1 : 0);
