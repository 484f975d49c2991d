/* Four cameras, two detectors and a classifier, in a process of its own: one argument of JSON, one line of JSON. */
import { readFileSync } from 'node:fs';
import { SystemClock } from '../../../src/adapters/system/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { type Detector, type NodeSettings, Pipeline } from '../../../src/perception/index.ts';
import { createDetector } from '../../../src/runtime/engines/detectors.ts';
import type { GraphAnswer, GraphAsk, NodeAnswer } from './ask.ts';

const ask = JSON.parse(process.argv[2] ?? '{}') as GraphAsk;
const clock = new SystemClock();
const { deadlineMs, maxCrops } = ask;
const nodes: readonly NodeSettings[] = [
  { name: 'detect', deadlineMs },
  { name: 'second', slot: 'second', every: 2, deadlineMs },
  { name: 'kind', slot: 'kind', input: { node: 'detect', maxCrops }, deadlineMs },
];
const latencies: Record<string, number[]> = { detect: [], second: [] };
let counting = false;

const slots = new Map<string, Detector>();
for (const [slot, bundle] of Object.entries(ask.bundles)) {
  const request = { engine: 'onnxruntime', capacity: ask.workers, threads: 1, log: silentLog } as const;
  slots.set(slot, (await createDetector(bundle, request)).detector);
}
const pipeline = new Pipeline({
  ...{ slots, clock, parallel: ask.workers },
  sinks: [
    {
      nodes: 'all',
      publish: ({ node = '', captureToPublishMs }) => counting && latencies[node]?.push(captureToPublishMs),
    },
  ],
});
const bytes = readFileSync(ask.frames);
const size = ask.width * ask.height * 3;
const pictures = Array.from({ length: bytes.length / size }, (_, index) => {
  const picture = new Uint8Array(new SharedArrayBuffer(size));
  picture.set(bytes.subarray(index * size, (index + 1) * size));
  return picture;
});
const cancels: (() => void)[] = [];
for (let index = 0; index < ask.cameras; index++) {
  const camera = `camera-${index}`;
  const source = {
    camera,
    // The stamp is when a frame was due, however late this process is.
    open: async (receiver: Parameters<Parameters<Pipeline['add']>[0]['open']>[0]) => {
      const periodMs = 1000 / ask.fps;
      const phaseMs = 50 + (index / ask.cameras) * periodMs;
      const [startMs, startNs] = [
        clock.monotonicMs() + phaseMs,
        clock.wallNs() + BigInt(Math.round(phaseMs * 1e6)),
      ];
      let sequence = 0;
      const next = (): void => {
        const waitMs = Math.max(0, startMs + sequence * periodMs - clock.monotonicMs());
        cancels[index] = clock.after(waitMs, () => {
          const stampNs = startNs + BigInt(Math.round(sequence * periodMs * 1e6));
          const data = pictures[(sequence + index) % pictures.length]!;
          void receiver.frame({
            ...{ camera, sequence, stampNs, frameId: camera, width: ask.width, height: ask.height },
            ...{ encoding: 'rgb8', step: ask.width * 3, pixels: { data, release() {} } },
          });
          sequence += 1;
          next();
        });
      };
      next();
    },
    close: async () => cancels[index]?.(),
  };
  await pipeline.add(source, { settings: { nodes } });
}
const sleep = (seconds: number) => new Promise<void>((resolve) => clock.after(seconds * 1000, resolve));
const cropsNow = () => pipeline.stats().nodes.reduce((sum, { crops = 0 }) => sum + crops, 0);
await pipeline.start();
await sleep(ask.warmSeconds);
const before = { cpu: process.cpuUsage(), ms: clock.monotonicMs(), crops: cropsNow() };
counting = true;
await sleep(ask.seconds);
counting = false;
const cpu = process.cpuUsage(before.cpu);

function nodeAnswer(values: readonly number[]): NodeAnswer {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  const inTime = sorted.filter((ms) => ms <= deadlineMs).length;
  return { frames: sorted.length, inTime, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const answer: GraphAnswer = {
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  seconds: (clock.monotonicMs() - before.ms) / 1000,
  crops: cropsNow() - before.crops,
  nodes: { detect: nodeAnswer(latencies.detect ?? []), second: nodeAnswer(latencies.second ?? []) },
};
await pipeline.close();
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.exit(0);
