import { boxIou, type Image } from '../../../../src/perception/index.ts';
import { createStreet, type StreetTruth } from '../../../../src/simulation/index.ts';
import { loadStreetModel, observe } from '../street-model.ts';
import { hasTrace, TraceWriter } from '../trace.ts';
import { conditionsOf, framesPerSecond, hourName, hourS } from './plan.ts';

const width = 320;
const height = 180;

/**
 * Renders hours of the street and runs the street's detector on every frame, one recording per hour; hours that are there
 * are not made again, so it may be stopped and started. What is rendered and detected is real; the tracks are not: at one
 * frame a second no tracker can follow a car, so a box gets the number of the object that it lies on, as a tracker at
 * thirty frames a second would nearly always have it.
 */
export async function recordDays(
  folder: string,
  seed: number,
  modelPath: string,
  hours: readonly number[],
  progress: (text: string) => void,
): Promise<void> {
  const missing = hours.filter((hour) => !hasTrace(folder, hourName(hour)));
  if (missing.length === 0) return;
  const model = await loadStreetModel(modelPath);
  const conditions = conditionsOf(seed);
  const street = createStreet({ seed, width, height });
  const pixels = new Uint8Array(width * height * 3);
  for (const hour of missing) {
    const began = process.cpuUsage();
    const writer = new TraceWriter(folder, hourName(hour));
    for (let i = 0; i < hourS * framesPerSecond; i++) {
      const timeS = hour * hourS + i / framesPerSecond;
      street.setConditions(conditions(timeS));
      const { truth } = street.render(timeS, pixels);
      const image: Image = { data: pixels, width, height, step: width * 3, encoding: 'rgb8' };
      const seen = await observe(model, image, timeS, truth, (found) =>
        found.map((detection) => ({ ...detection, trackId: objectUnder(detection.box, truth) })),
      );
      writer.add({ ...seen, truth: [] });
    }
    writer.close();
    const { user, system } = process.cpuUsage(began);
    progress(`hour ${hour}: ${Math.round((user + system) / 1e6)} s of CPU`);
  }
}

/** The object whose seen part the box covers best; none where the model saw what is not there. */
function objectUnder(box: StreetTruth['box'], truth: readonly StreetTruth[]): number | undefined {
  let best = 0.3;
  let id: number | undefined;
  for (const object of truth) {
    const overlap = boxIou(box, object.box);
    if (overlap <= best) continue;
    best = overlap;
    id = object.id;
  }
  return id;
}
