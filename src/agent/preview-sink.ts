import { type Clock, describeError, type Log } from '../base/index.ts';
import type { DetectionSink, Frame, Image, PerceptionResult } from '../perception/index.ts';
import type { Preview } from '../protocol/index.ts';
import type { DeviceAgent } from './device-agent.ts';

const mostBoxes = 200;

/** Port: a JPEG at most this wide. */
export type EncodePreview = (image: Image, limits: { readonly maxWidth: number }) => Promise<Uint8Array>;

export interface PreviewSinkPorts {
  readonly encode: EncodePreview;
  readonly log: Log;
  readonly clock: Clock;
  /** Pictures a second of a camera at most, whatever was asked for; undefined: as many as that. */
  readonly maxFps?: (camera: string) => number | undefined;
}

/** Live pictures for whoever watches. The pixels are copied only when a picture is due: the frame ends with the call. */
export class PreviewSink implements DetectionSink {
  readonly #ports: PreviewSinkPorts;
  readonly #encoding = new Set<string>();
  /** When the last picture of a camera was begun; monotonic. */
  readonly #lastMs = new Map<string, number>();
  #agent: Pick<DeviceAgent, 'previewDue' | 'sendPreview'> | undefined;

  constructor(ports: PreviewSinkPorts) {
    this.#ports = ports;
  }

  /** Before that no picture is due. */
  attach(agent: Pick<DeviceAgent, 'previewDue' | 'sendPreview'>): void {
    this.#agent = agent;
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const { camera } = frame;
    if (this.#encoding.has(camera) || this.#tooSoon(camera)) return;
    const due = this.#agent?.previewDue(camera);
    if (due === undefined) return;
    this.#encoding.add(camera);
    this.#lastMs.set(camera, this.#ports.clock.monotonicMs());
    const { width, height, step, encoding } = frame;
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    const { encode, log } = this.#ports;
    void encode(image, due)
      .then((jpeg) => this.#agent?.sendPreview(camera, previewOf(result, jpeg)))
      .catch((error: unknown) => log.warn('No live picture', { camera, reason: describeError(error) }))
      .finally(() => this.#encoding.delete(camera));
  }

  #tooSoon(camera: string): boolean {
    const maxFps = this.#ports.maxFps?.(camera);
    const lastMs = this.#lastMs.get(camera);
    if (maxFps === undefined || lastMs === undefined) return false;
    return this.#ports.clock.monotonicMs() - lastMs < 1000 / maxFps;
  }
}

function previewOf(result: PerceptionResult, jpeg: Uint8Array): Preview {
  return {
    stampNs: String(result.stampNs),
    width: result.width,
    height: result.height,
    jpeg: Uint8Array.from(jpeg),
    detections: result.detections.slice(0, mostBoxes).map(({ label, score, box, trackId }) => ({
      label,
      score,
      box: [box.x1, box.y1, box.x2, box.y2],
      ...(trackId === undefined ? {} : { trackId }),
    })),
    model: result.identity.model,
    version: result.identity.version,
    captureToPublishMs: result.captureToPublishMs,
  };
}
