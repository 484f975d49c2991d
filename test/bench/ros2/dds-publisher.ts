/*
 * What a result costs that goes out, for `npm run bench -- ros2`: every picture of the camera is answered at once with twenty
 * detections, to a subscriber in another process.
 *   dds-publisher.ts <domain> <seconds> cyclone|fastdds    one line of JSON: encode and publish, p50 and p99
 */
import { RosDetectionSink } from '../../../src/adapters/ros2/index.ts';
import { resultOf } from '../../integration/ros2/result-of.ts';
import { openSource } from './dds-source.ts';

const [domain = '0', seconds = '10', over = 'cyclone'] = process.argv.slice(2);
const { clock, node, source } = await openSource(domain, over);
const sink = new RosDetectionSink({ node, clock, cameras: ['camera'] });
/** JavaScript that the engine has not yet compiled: a device runs for days. */
const warmUp = 300;
const times: number[] = [];
let seen = 0;
let beganMs = 0;

await source.open({
  frame: (frame) => {
    const result = resultOf(frame, clock, 0);
    frame.pixels.release();
    const before = clock.monotonicMs();
    sink.publish(result);
    const now = clock.monotonicMs();
    seen += 1;
    if (seen <= warmUp) {
      beganMs = now;
      return;
    }
    times.push(now - before);
    if (now - beganMs >= 1000 * Number(seconds)) report();
  },
  fault: (error) => process.stderr.write(`${error.explain()}\n`),
  end: () => {},
});

function report(): void {
  times.sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((part) =>
    Number((times[Math.floor(part * times.length)] ?? 0).toFixed(3)),
  );
  process.stdout.write(`${JSON.stringify({ messages: times.length, publishMs: [p50, p99] })}\n`);
  process.exit(0);
}
