import { fromBase64 } from '../../base/index.ts';
import { addressOf, openStream } from '../api/client.ts';
import { LaneQueue } from '../api/lane-queue.ts';
import type { PreviewFrame } from '../api/types.ts';

/** One picture of a camera, and when it came. */
export interface Still {
  readonly frame: PreviewFrame;
  readonly image: ImageBitmap;
  readonly receivedMs: number;
}

/** A browser opens six connections to a controller: most of them stay free for everything else. */
const lanes = new LaneQueue(2);
const waitMs = 8_000;
const width = 480;

/** The last picture of each camera in this session: of one that goes blind it is what was seen before. */
const lastSeen = new Map<string, Still>();
const mostKept = 300;

export function lastStill(device: string, camera: string): Still | undefined {
  return lastSeen.get(`${device}/${camera}`);
}

/** Asks a device for one picture, when its turn comes. Rejects where none comes. */
export function takeStill(device: string, camera: string, signal: AbortSignal): Promise<Still> {
  return lanes.run(async () => {
    const stop = new AbortController();
    const end = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(waitMs)]);
    let frame: PreviewFrame | undefined;
    const address = addressOf('GET /devices/:id/cameras/:camera/preview', {
      params: { id: device, camera },
      query: { maxFps: 1, maxWidth: width },
    });
    const onEvent = ({ event, data }: { event: string; data: string }): void => {
      if (event !== 'frame' || frame !== undefined) return;
      frame = JSON.parse(data) as PreviewFrame;
      stop.abort();
    };
    try {
      await openStream(address, { signal: end, alive: () => {}, onEvent });
    } catch (error) {
      if (frame === undefined) throw error;
    }
    if (frame === undefined) throw new Error('The device sent no picture.');
    // From bytes, not from a data: address: the page's content policy allows none.
    const image = await createImageBitmap(new Blob([fromBase64(frame.jpeg)], { type: 'image/jpeg' }));
    const still = { frame, image, receivedMs: Date.now() };
    keep(`${device}/${camera}`, still);
    return still;
  }, signal);
}

function keep(key: string, still: Still): void {
  lastSeen.delete(key);
  lastSeen.set(key, still);
  for (const oldest of lastSeen.keys()) {
    if (lastSeen.size <= mostKept) break;
    lastSeen.delete(oldest);
  }
}
