import { readFileSync } from 'node:fs';
import { type Image, Tracker } from '../../../src/perception/index.ts';
import { createStreet } from '../../../src/simulation/index.ts';
import { clearOf, faultless, framesPerSecond, hasClear, type Segment, segments } from './plan.ts';
import { loadStreetModel, observe } from './street-model.ts';
import { hasTrace, TraceWriter } from './trace.ts';

const width = 320;
const height = 180;

/** Things that no model of the street was taught: striped balls that roll along the road. */
export function paintStrangers(rgb: Uint8Array, count: number, timeS: number): void {
  for (let i = 0; i < count; i++) {
    const radius = 9 + ((i * 7) % 13);
    const cx = ((timeS * (18 + 5 * i) + i * 97) % (width + 60)) - 30;
    const cy = height * (0.55 + 0.07 * (i % 5)) + 3 * Math.abs(Math.sin(timeS * 3 + i)) * -2;
    for (let y = Math.max(0, Math.ceil(cy - radius)); y < Math.min(height, cy + radius); y++)
      for (let x = Math.max(0, Math.ceil(cx - radius)); x < Math.min(width, cx + radius); x++) {
        if (Math.hypot(x - cx, y - cy) > radius) continue;
        const stripe = Math.sin((x - cx) * 0.9 + timeS * 6 + i) > 0;
        const at = (y * width + x) * 3;
        rgb[at] = stripe ? 230 : 40;
        rgb[at + 1] = stripe ? 120 - 15 * i : 50 + 30 * i;
        rgb[at + 2] = stripe ? 30 + 40 * i : 180;
      }
  }
}

/** Renders every segment of the plan that is not there yet. The street runs on, so no traffic is seen twice. */
export async function record(
  folder: string,
  seed: number,
  model: string,
  progress: (text: string) => void,
  wanted: (segment: Segment) => boolean = () => true,
): Promise<void> {
  readFileSync(model);
  const missing = segments.filter(
    (segment) =>
      wanted(segment) &&
      !(hasTrace(folder, segment.name) && (!hasClear(segment) || hasTrace(folder, clearOf(segment)))),
  );
  if (missing.length === 0) return;
  const detector = await loadStreetModel(model);
  const street = createStreet({ seed, width, height });
  const pixels = new Uint8Array(width * height * 3);
  for (const [index, segment] of missing.entries()) {
    progress(`recording ${segment.name} (${index + 1} of ${missing.length})`);
    await recordSegment(segment);
  }

  async function recordSegment(segment: Segment): Promise<void> {
    const writer = new TraceWriter(folder, segment.name);
    const clear = hasClear(segment) ? new TraceWriter(folder, clearOf(segment)) : undefined;
    const tracker = new Tracker();
    const frames = Math.round(segment.seconds * framesPerSecond);
    // A frozen camera needs a picture to hold on to.
    street.setConditions({ ...segment.conditions(0), frozen: 0 });
    street.render(segment.startS - 1 / framesPerSecond, pixels);
    for (let i = 0; i < frames; i++) {
      const local = i / framesPerSecond;
      const timeS = segment.startS + local;
      street.setConditions(segment.conditions(local));
      const { truth } = street.render(timeS, pixels);
      const strangers = segment.strangers?.(local) ?? 0;
      if (strangers > 0) paintStrangers(pixels, strangers, timeS);
      const image: Image = { data: pixels, width, height, step: width * 3, encoding: 'rgb8' };
      const stampNs = BigInt(Math.round(timeS * 1e9));
      writer.add(await observe(detector, image, timeS, truth, (found) => tracker.update(found, stampNs)));
      if (clear !== undefined && i % 2 === 0) await recordClear(clear, timeS);
    }
    clear?.close();
    writer.close();
  }

  /** The same moment without the fault. */
  async function recordClear(writer: TraceWriter, timeS: number): Promise<void> {
    street.setConditions(faultless(timeS));
    const { truth } = street.render(timeS, pixels);
    const image: Image = { data: pixels, width, height, step: width * 3, encoding: 'rgb8' };
    writer.add(await observe(detector, image, timeS, truth));
  }
}
