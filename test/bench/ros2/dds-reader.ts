/*
 * Our side of `npm run bench -- ros2`: what the C reader does, through device/dds or device/rclnodejs and the frame source that `goshawk run` has.
 *   dds-reader.ts <domain> <seconds> cyclone|fastdds|rclnodejs [best_effort]    one line of JSON: frames, gaps, CPU seconds
 */
import { qosProfiles } from '../../../src/ros2/index.ts';
import { openSource } from './dds-source.ts';

const [domain = '0', seconds = '10', over = 'cyclone', reliability] = process.argv.slice(2);
const { clock, source } = await openSource(
  domain,
  over,
  reliability === 'best_effort' ? { qos: { ...qosProfiles.sensorData, depth: 10 } } : {},
);
/** As in measure.h. */
const warmUpMs = 2000;
const patienceMs = 10_000;
let firstMs: number | undefined;
let frames = 0;
let lost = 0;
let sum = 0;
let last = -1;
const latencyMs: number[] = [];
let beganCpu = process.cpuUsage();

const nothingComes = setTimeout(report, patienceMs);
await source.open({
  frame: ({ pixels, stampNs }) => {
    const { data } = pixels;
    const number = new DataView(data.buffer, data.byteOffset).getInt32(0, true);
    sum += (data[data.length >> 1] ?? 0) + (data[data.length - 1] ?? 0);
    pixels.release();
    const nowMs = clock.monotonicMs();
    if (firstMs === undefined) {
      firstMs = nowMs;
      clearTimeout(nothingComes);
      setTimeout(report, warmUpMs + 1000 * Number(seconds));
    }
    if (nowMs - firstMs < warmUpMs) {
      beganCpu = process.cpuUsage();
    } else {
      frames += 1;
      lost += number - last - 1;
      latencyMs.push(Number(clock.wallNs() - stampNs) / 1e6);
    }
    last = number;
  },
  fault: (error) => process.stderr.write(`${error.explain()}\n`),
  end: () => {},
});

function report(): void {
  const { user, system } = process.cpuUsage(beganCpu);
  latencyMs.sort((a, b) => a - b);
  const line = {
    frames,
    // The Fast DDS camera writes no number into its pictures.
    lost: over === 'fastdds' ? source.counts.lost : lost,
    cpuSeconds: Number(((user + system) / 1e6).toFixed(4)),
    latencyMs: [0.5, 0.99].map((part) => Number((latencyMs[Math.floor(part * frames)] ?? 0).toFixed(3))),
    sum: sum >>> 0,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(0);
}
