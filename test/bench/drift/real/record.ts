import { seededRandom } from '../../../../src/drift/random.ts';
import { type Detection, Tracker, thumbnail } from '../../../../src/perception/index.ts';
import { hasTrace, type TraceFrame, TraceWriter } from '../trace.ts';
import { type PictureCorruption, pictureCorruptions } from './picture-corruptions.ts';
import { noisy, type Pixels } from './pixels.ts';
import { framesPerSecond, type Network, type Video } from './videos.ts';

export const severities: readonly number[] = [1, 2, 3, 4, 5];
/** Grey levels that the sensor adds beside the noise that is in the video. */
export const sensorNoise = 2;
/** The stretch of the video that every fault is made on: frames of it. */
export const stretch = { from: 80, frames: 32 * framesPerSecond } as const;
/** A box of the clean picture that is there: the answers of the network itself are the truth. */
export const truthScore = 0.35;

/** What the network says of the clean video, twice (the second time with other noise), and of every corruption of it. */
export async function record(
  folder: string,
  video: Video,
  pictures: readonly Pixels[],
  say: (text: string) => void,
  wanted: (name: string, severity: number) => boolean,
): Promise<void> {
  let network: Network | undefined;
  const write = async (
    name: string,
    make: (network: Network) => AsyncGenerator<TraceFrame>,
  ): Promise<void> => {
    if (hasTrace(folder, name)) return;
    network ??= await video.network();
    say(`${video.name}: ${name}`);
    const writer = new TraceWriter(folder, name);
    for await (const frame of make(network)) writer.add(frame);
    writer.close();
  };
  for (const [pass, name] of ['clean', 'clean-again'].entries())
    await write(name, async function* (detect) {
      const random = seededRandom(pass + 1);
      const tracker = new Tracker();
      for (const [i, picture] of pictures.entries())
        yield await look(detect, tracker, pass === 0 ? picture : noisy(picture, sensorNoise, random), i);
    });
  const background = medianOf(pictures);
  // The middle first: what is cut short has all kinds.
  for (const severity of severities.toSorted((a, b) => Math.abs(a - 3.2) - Math.abs(b - 3.2)))
    for (const corruption of pictureCorruptions) {
      if (!wanted(corruption.name, severity)) continue;
      if (corruption.name === 'frozen' && severity > 1) continue;
      if (corruption.name === 'mirrored' && severity > 3) continue;
      await write(`${corruption.name}-${severity}`, (detect) =>
        corrupted(detect, pictures, background, corruption, severity),
      );
    }
}

async function* corrupted(
  detect: Network,
  pictures: readonly Pixels[],
  background: Pixels,
  corruption: PictureCorruption,
  severity: number,
): AsyncGenerator<TraceFrame> {
  const random = seededRandom(severity);
  const tracker = new Tracker();
  const first = noisy(pictures[stretch.from]!, sensorNoise, random);
  for (let index = 0; index < stretch.frames; index++) {
    const clean = pictures[stretch.from + index]!;
    const other = pictures[(stretch.from + index + 160) % pictures.length]!;
    const seen = corruption.optical ? clean : noisy(clean, sensorNoise, random);
    const around = { background, other, first, index, random };
    const made = await corruption.apply(seen, severity, around);
    const picture = corruption.optical && corruption.still !== true ? noisy(made, sensorNoise, random) : made;
    yield await look(detect, tracker, picture, index);
  }
}

async function look(network: Network, tracker: Tracker, picture: Pixels, index: number): Promise<TraceFrame> {
  const { data, width, height } = picture;
  const { detections, candidates } = await network(picture);
  const stampNs = BigInt(Math.round((index * 1e9) / framesPerSecond));
  return {
    timeS: index / framesPerSecond,
    thumbnail: thumbnail({ data, width, height, step: width * 3, encoding: 'rgb8' }),
    candidates,
    detections: tracker.update(detections, stampNs).map(traced),
    truth: [],
  };
}

export function traced({ classId, score, box, trackId }: Detection & { trackId?: number }) {
  return { classId, score, box: [box.x1, box.y1, box.x2, box.y2] as const, trackId };
}

/** Of every pixel, over some of the pictures. */
function medianOf(pictures: readonly Pixels[]): Pixels {
  const some = pictures.filter((_, i) => i % 20 === 0);
  const [{ width, height }] = some as [Pixels];
  const data = new Uint8Array(width * height * 3);
  const values = new Uint8Array(some.length);
  for (let i = 0; i < data.length; i++) {
    for (let n = 0; n < some.length; n++) values[n] = some[n]!.data[i]!;
    data[i] = values.sort()[some.length >> 1]!;
  }
  return { width, height, data };
}
