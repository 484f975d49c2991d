import { encodePreview } from '../../adapters/sharp/index.ts';
import type { DeviceAgent } from '../../agent/index.ts';
import { describeError, type Log } from '../../base/index.ts';
import type { DetectionSink, Frame, PerceptionResult } from '../../perception/index.ts';

const mostBoxes = 200;

/** Live pictures for whoever watches. The pixels are copied only when a picture is due: the frame ends with the call. */
export class PreviewSink implements DetectionSink {
  readonly #log: Log;
  readonly #encoding = new Set<string>();
  #agent: DeviceAgent | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  attach(agent: DeviceAgent): void {
    this.#agent = agent;
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const { camera } = frame;
    if (this.#encoding.has(camera)) return;
    const due = this.#agent?.previewDue(camera);
    if (due === undefined) return;
    this.#encoding.add(camera);
    const { width, height, step, encoding } = frame;
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    void encodePreview(image, due)
      .then((jpeg) => this.#agent?.sendPreview(camera, previewOf(result, jpeg)))
      .catch((error: unknown) => this.#log.warn('No live picture', { camera, reason: describeError(error) }))
      .finally(() => this.#encoding.delete(camera));
  }
}

function previewOf(result: PerceptionResult, jpeg: Uint8Array) {
  return {
    stampNs: String(result.stampNs),
    width: result.width,
    height: result.height,
    jpeg: Uint8Array.from(jpeg),
    detections: result.detections.slice(0, mostBoxes).map(({ label, score, box, trackId }) => ({
      label,
      score,
      box: [box.x1, box.y1, box.x2, box.y2] as [number, number, number, number],
      ...(trackId === undefined ? {} : { trackId }),
    })),
    model: result.identity.model,
    version: result.identity.version,
    captureToPublishMs: result.captureToPublishMs,
  };
}
