import { defaultDetectionSettings } from '../detection.ts';
import type { Frame } from '../frame.ts';
import type { Detector } from '../ports.ts';

/** The first frames after a warm-up still settle caches, so a few more than p95 needs. */
const latencyFrames = 40;

/** Milliseconds of each of some frames, by the detector's own clock. `advance` is called before each. */
export async function measureLatency(detector: Detector, advance: () => void = () => {}): Promise<number[]> {
  const timesMs: number[] = [];
  for (let sequence = 0; sequence < latencyFrames; sequence++) {
    advance();
    const { timings } = await detector.detect(greyFrame(detector, sequence), defaultDetectionSettings);
    timesMs.push(timings.preprocessMs + timings.inferMs + timings.postprocessMs);
  }
  return timesMs;
}

/** A frame of the network's own size: what is on it does not matter for time. */
function greyFrame(detector: Detector, sequence: number): Frame {
  const { inputWidth: width, inputHeight: height } = detector.identity;
  return {
    camera: 'check',
    sequence,
    stampNs: 0n,
    frameId: 'check',
    width,
    height,
    encoding: 'rgb8',
    step: width * 3,
    pixels: { data: new Uint8Array(width * height * 3).fill(127), release() {} },
  };
}
