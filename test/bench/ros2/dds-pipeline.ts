/*
 * The chain of `goshawk run --source ros:... --publish ros` with the native engine, for `npm run bench -- ros2`.
 *   dds-pipeline.ts <domain> <seconds> cyclone|fastdds <bundle>    one line of JSON: latencies, the delay of the event loop
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readBundle } from '../../../src/adapters/filesystem/index.ts';
import { RosDetectionSink } from '../../../src/adapters/ros2/index.ts';
import { silentLog } from '../../../src/base/index.ts';
import { Pipeline } from '../../../src/perception/index.ts';
import { createDetector } from '../../../src/runtime/engines/detectors.ts';
import { openSource } from './dds-source.ts';

const [domain = '0', seconds = '10', over = 'cyclone', bundle = 'models/street-int8'] = process.argv.slice(2);
const { clock, node, source } = await openSource(domain, over);
const { detector, engine } = await createDetector(await readBundle(bundle, 'digests'), {
  engine: 'onnxruntime',
  threads: 1,
  log: silentLog,
});
const loop = monitorEventLoopDelay({ resolution: 1 });
/** The network's first run, and JavaScript that its engine has not yet compiled: a device runs for days. */
const warmUp = 600;
const times: { readonly whole: number; readonly network: number; readonly arrival: number }[] = [];
const arrived = new Map<bigint, number>();
let beganMs: number | undefined;
const pipeline = new Pipeline({
  detector,
  clock,
  sinks: [
    new RosDetectionSink({ node, clock, cameras: ['camera'] }),
    {
      // After the one that publishes: its work is in the time.
      publish: ({ stampNs, timings }) => {
        times.push({
          whole: Number(clock.wallNs() - stampNs) / 1e6,
          network: timings.inferMs,
          arrival: arrived.get(stampNs) ?? Number.NaN,
        });
        arrived.delete(stampNs);
        const nowMs = clock.monotonicMs();
        if (beganMs === undefined) {
          if (times.length < warmUp) return;
          beganMs = nowMs;
          times.length = 0;
          loop.enable();
        } else if (nowMs - beganMs >= 1000 * Number(seconds)) report();
      },
    },
  ],
});
await pipeline.add({
  camera: 'camera',
  open: (receiver) =>
    source.open({
      ...receiver,
      frame: (frame) => {
        arrived.set(frame.stampNs, Number(clock.wallNs() - frame.stampNs) / 1e6);
        return receiver.frame(frame);
      },
    }),
  close: () => source.close(),
});
await pipeline.start();

function report(): void {
  loop.disable();
  const delay = (percentile: number) => Number((loop.percentile(percentile) / 1e6 - 1).toFixed(3));
  const of = (pick: (each: (typeof times)[number]) => number, part: number) => {
    const sorted = times.map(pick).sort((a, b) => a - b);
    return Number((sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toFixed(3));
  };
  const percentiles = (pick: (each: (typeof times)[number]) => number) => [of(pick, 0.5), of(pick, 0.99)];
  const line = {
    engine,
    frames: times.length,
    lost: source.counts.lost,
    captureToPublishMs: percentiles(({ whole }) => whole),
    networkMs: percentiles(({ network }) => network),
    outsideNetworkMs: percentiles(({ whole, network }) => whole - network),
    stampToUsMs: percentiles(({ arrival }) => arrival),
    usToPublishMs: percentiles(({ whole, network, arrival }) => whole - network - arrival),
    loopMs: [delay(50), delay(99)],
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(0);
}
