import { type Clock, defined, describeError, type Log } from '../base/index.ts';
import {
  type Box,
  type DetectionSink,
  defaultDetectionSettings,
  type Frame,
  type Image,
  type PerceptionResult,
} from '../perception/index.ts';
import { mainSlot, type Preview } from '../protocol/index.ts';
import type { DeviceAgent } from './device-agent.ts';
import { detectionsIn, PreviewDetections } from './preview-detections.ts';
import type { DuePreview } from './preview-leases.ts';
import {
  foundLabels,
  type PictureMode,
  type Polygon,
  PrivacyRule,
  type ViewerRole,
  viewerRoles,
} from './privacy.ts';

export interface PreviewPicture {
  readonly maxWidth: number;
  /** Made unrecognisable; in pixels of the image. */
  readonly hidden: readonly Box[];
  /** Black, in parts of the image. */
  readonly masks: readonly Polygon[];
  /** Nothing of the image may be seen: a flat picture of its shape. */
  readonly flat: boolean;
}

/** Port: a JPEG at most this wide, with these boxes hidden. */
export type EncodePreview = (image: Image, picture: PreviewPicture) => Promise<Uint8Array>;

export interface PreviewSinkPorts {
  readonly encode: EncodePreview;
  readonly log: Log;
  readonly clock: Clock;
  /** Pictures a second of a camera at most, whatever was asked for; undefined: as many as that. */
  readonly maxFps?: (camera: string) => number | undefined;
  readonly privacy?: PrivacyRule;
}

/** Live pictures for whoever watches. The pixels are copied only when a picture is due: the frame ends with the call. */
export class PreviewSink implements DetectionSink {
  readonly nodes = 'all';
  readonly #detections = new PreviewDetections();
  readonly #ports: PreviewSinkPorts;
  readonly #privacy: PrivacyRule;
  readonly #encoding = new Set<string>();
  /** When the last picture of a camera was begun; monotonic. */
  readonly #lastMs = new Map<string, number>();
  #agent: Pick<DeviceAgent, 'previewDue' | 'sendPreview'> | undefined;

  constructor(ports: PreviewSinkPorts) {
    this.#ports = ports;
    this.#privacy =
      ports.privacy ?? new PrivacyRule({ cameras: {}, settings: () => defaultDetectionSettings });
  }

  /** Before that no picture is due. */
  attach(agent: Pick<DeviceAgent, 'previewDue' | 'sendPreview'>): void {
    this.#agent = agent;
  }

  publish(result: PerceptionResult, frame: Frame): void {
    const nowMs = this.#ports.clock.monotonicMs();
    if (result.further === true) {
      this.#detections.note(result, nowMs);
      return;
    }
    // A model of another slot may not know the persons that this one hides, and boxes that change hands would flicker.
    if ((result.slot ?? mainSlot) !== mainSlot) return;
    const { camera } = frame;
    if (this.#encoding.has(camera) || this.#tooSoon(camera)) return;
    const due = this.#agent?.previewDue(camera);
    if (due === undefined) return;
    const labels = foundLabels(result.identity);
    const groups = new Map<PictureMode, ViewerRole[]>();
    for (const viewer of due.viewers) {
      const mode = this.#privacy.preview(camera, viewer, labels);
      groups.set(mode, [...(groups.get(mode) ?? []), viewer]);
    }
    const { width, height, step, encoding } = frame;
    const image = { width, height, step, encoding, data: Uint8Array.from(frame.pixels.data) };
    this.#encoding.add(camera);
    this.#lastMs.set(camera, nowMs);
    const { log } = this.#ports;
    // Now: what others found belongs to this picture.
    const { boxes } = this.#privacy.hidden(result);
    const shown = this.#detections.of(result, nowMs);
    void this.#send(result, shown, image, boxes, due, groups)
      .catch((error: unknown) => log.warn('No live picture', { camera, reason: describeError(error) }))
      .finally(() => this.#encoding.delete(camera));
  }

  async #send(
    result: PerceptionResult,
    shown: Preview['detections'],
    image: Image,
    boxes: readonly Box[],
    { maxWidth }: DuePreview,
    groups: ReadonlyMap<PictureMode, readonly ViewerRole[]>,
  ): Promise<void> {
    for (const [mode, viewers] of groups) {
      const hidden = mode === 'blurred' ? boxes : [];
      const masks = this.#privacy.masks(result.camera);
      const jpeg = await this.#ports.encode(image, { maxWidth, hidden, masks, flat: mode === 'boxes' });
      const detections = detectionsIn(mode, shown);
      await this.#agent?.sendPreview(result.camera, previewOf(result, detections, jpeg, mode, viewers));
    }
  }

  #tooSoon(camera: string): boolean {
    const maxFps = this.#ports.maxFps?.(camera);
    const lastMs = this.#lastMs.get(camera);
    if (maxFps === undefined || lastMs === undefined) return false;
    return this.#ports.clock.monotonicMs() - lastMs < 1000 / maxFps;
  }
}

function previewOf(
  result: PerceptionResult,
  detections: Preview['detections'],
  jpeg: Uint8Array,
  privacy: PictureMode,
  viewers: readonly ViewerRole[],
): Preview {
  return {
    stampNs: String(result.stampNs),
    width: result.width,
    height: result.height,
    jpeg: Uint8Array.from(jpeg),
    detections,
    ...defined({ rules: countsOf(result.rules) }),
    model: result.identity.model,
    version: result.identity.version,
    captureToPublishMs: result.captureToPublishMs,
    privacy,
    roles: viewerRoles.filter((role) => viewers.includes(role)),
  };
}

function countsOf(rules: PerceptionResult['rules']): Preview['rules'] {
  if (rules === undefined) return undefined;
  return {
    zones: Object.fromEntries(rules.zones.map(({ name, inside, entered }) => [name, { inside, entered }])),
    lines: Object.fromEntries(rules.lines.map(({ name, in: inward, out }) => [name, { in: inward, out }])),
  };
}
