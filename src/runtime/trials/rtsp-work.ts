import { GoshawkError } from '../../base/index.ts';
import type { Frame } from '../../perception/index.ts';
import { takeFrames } from './frames-work.ts';
import type { FramesOutcome, RtspJob } from './job.ts';
import { RtspServer } from './rtsp/server.ts';
import { testStream } from './rtsp/stream.ts';

/** Plays a stream on the loopback and reads it as a camera. */
export async function takeRtspFrames({ decoder, frames, waitMs }: RtspJob): Promise<FramesOutcome> {
  const server = await RtspServer.start(testStream);
  try {
    const source = `rtsp://127.0.0.1:${server.port}/selftest#decoder=${decoder}`;
    return await takeFrames({ source, frames, waitMs, fps: testStream.fps }, expectPicture);
  } finally {
    await server.close();
  }
}

/** Its left half is black, its right half is white. */
function expectPicture({ width, height, step, pixels, encoding }: Frame): void {
  const row = Math.floor(height / 2) * step;
  const left = pixels.data[row + Math.floor(width / 8)] ?? 255;
  const right = pixels.data[row + Math.floor((width * 7) / 8)] ?? 0;
  if (width === testStream.width && height === testStream.height && left < 64 && right > 192) return;
  throw new GoshawkError(
    'trial-picture',
    `The picture came back as another one: ${width}x${height} ${encoding}, ${left} on the left and ${right} on the right.`,
    'Install the decoder again, and send us the report.',
  );
}
