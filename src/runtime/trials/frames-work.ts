import { SystemClock } from '../../adapters/system/index.ts';
import { counted, defined, GoshawkError, LimitError } from '../../base/index.ts';
import type { Frame, Image } from '../../perception/index.ts';
import { openSource } from '../sources/open-source.ts';
import { redactSource } from '../sources/redact.ts';
import type { FramesJob, FramesOutcome } from './job.ts';

/** Opens the source by the way of the product and closes it after so many frames; `look` sees the last one. */
export async function takeFrames(
  { source: spec, frames, waitMs, fps, seed, username, passwordFile }: Omit<FramesJob, 'kind'>,
  look: (frame: Frame) => void = () => {},
): Promise<FramesOutcome> {
  const clock = new SystemClock();
  const beganMs = performance.now();
  const { source } = await openSource(spec, {
    ...{ clock, fps, camera: 'try', realtime: false, loop: false, connectMs: waitMs },
    ...defined({ seed, username, passwordFile }),
  });
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FramesOutcome>((resolve, reject) => {
      const frame = (one: Frame) => {
        count += 1;
        try {
          if (count !== frames) return;
          look(one);
          const { width, height, encoding } = one;
          resolve({ frames, width, height, encoding, tookMs: performance.now() - beganMs });
        } catch (error) {
          reject(error);
        } finally {
          one.pixels.release();
        }
      };
      timer = setTimeout(() => reject(tooFew(spec, count, frames, waitMs)), waitMs);
      source.open({ frame, fault: reject, end: () => reject(ended(spec, count)) }).catch(reject);
    });
  } finally {
    clearTimeout(timer);
    await source.close();
  }
}

/** The same, with the last of them as JPEG where it is asked for. */
export async function takePicture(job: FramesJob): Promise<FramesOutcome> {
  const { jpegWidth } = job;
  if (jpegWidth === undefined) return takeFrames(job);
  let image: Image | undefined;
  const outcome = await takeFrames(job, ({ width, height, step, encoding, pixels }) => {
    image = { width, height, step, encoding, data: Uint8Array.from(pixels.data) };
  });
  if (image === undefined) return outcome;
  const { encodePreview } = await import('../../adapters/sharp/index.ts');
  const jpeg = await encodePreview(image, { maxWidth: jpegWidth, quality: 90 });
  return { ...outcome, jpeg: Buffer.from(jpeg).toString('base64') };
}

function tooFew(spec: string, count: number, wanted: number, waitMs: number): LimitError {
  return new LimitError(
    'trial-frames-late',
    `${redactSource(spec)} gave ${count} of ${wanted} pictures within ${waitMs / 1000} s.`,
    'Check whether another program uses it, its cable or network, and the load of this machine.',
  );
}

function ended(spec: string, count: number): GoshawkError {
  return new GoshawkError(
    'trial-frames-ended',
    `${redactSource(spec)} ended after ${counted(count, 'picture')}.`,
    'Use a source that has at least one picture.',
  );
}
