/*
 * The reader of `npm run bench -- ros2-conversion`: wants every picture's pixels, converted on the event loop or on another thread.
 *   dds-conversion.ts <domain> <seconds> here|aside    one line of JSON
 */
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { nativeConvertPicture, nativeConvertPictureAside } from '../../../device/native/index.ts';
import type { Frame } from '../../../src/perception/index.ts';
import { openSource } from './dds-source.ts';

const [domain = '0', seconds = '10', where = 'here'] = process.argv.slice(2);
const convert = nativeConvertPicture();
const convertAside = nativeConvertPictureAside();
if (convert === undefined || convertAside === undefined) throw new Error('The addon is not built.');
const { clock, source } = await openSource(domain, 'cyclone', {
  convert,
  ...(where === 'aside' ? { convertAside } : {}),
});
const warmUp = 60;
const heldMs: number[] = [];
const readyMs: number[] = [];
const late = monitorEventLoopDelay({ resolution: 1 });
let seen = 0;
let sum = 0;
let beganMs = 0;
let began: EventLoopUtilization | undefined;
let cpu = process.cpuUsage();

/** What `prepare` does not do on another thread is done here. */
async function look({ pixels }: Frame): Promise<void> {
  const sinceMs = performance.now();
  await pixels.prepare?.();
  const readMs = performance.now();
  const { data } = pixels;
  const atMs = performance.now();
  sum += data[data.length >> 1] ?? 0;
  pixels.release();
  seen += 1;
  if (seen <= warmUp) {
    beganMs = clock.monotonicMs();
    began = performance.eventLoopUtilization();
    cpu = process.cpuUsage();
    late.enable();
    late.reset();
    return;
  }
  heldMs.push(atMs - readMs);
  readyMs.push(atMs - sinceMs);
  if (clock.monotonicMs() - beganMs >= 1000 * Number(seconds)) report();
}

function report(): void {
  const { user, system } = process.cpuUsage(cpu);
  const part = (values: number[], share: number) =>
    Number((values.sort((a, b) => a - b)[Math.floor(share * values.length)] ?? 0).toFixed(3));
  const line = {
    frames: heldMs.length,
    share: Number(performance.eventLoopUtilization(began).utilization.toFixed(4)),
    heldMs: [part(heldMs, 0.5), part(heldMs, 0.99)],
    readyMs: [part(readyMs, 0.5), part(readyMs, 0.99)],
    lateMs: [late.percentile(50), late.percentile(99)].map((ns) => Number((ns / 1e6).toFixed(2))),
    cpuMs: Number(((user + system) / 1000 / heldMs.length).toFixed(2)),
    sum: sum >>> 0,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(0);
}

await source.open({
  frame: (frame) => void look(frame),
  fault: (error) => process.stderr.write(`${error.explain()}\n`),
  end: () => {},
});
