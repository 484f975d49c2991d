import type { Outgoing, StreamMessage, StreamPicture } from '../outlet.ts';
import type { FoxgloveChannel } from './schemas.ts';

/** One message of one channel of a camera, as JSON. */
export interface FoxgloveMessage {
  readonly camera: string;
  readonly channel: FoxgloveChannel;
  readonly stampNs: bigint;
  readonly text: string;
}

type Detection = StreamMessage['detections'][number];
type Point = { readonly x: number; readonly y: number };

const clear = { r: 0, g: 0, b: 0, a: 0 };
const white = { r: 1, g: 1, b: 1, a: 1 };
/** Of PointsAnnotation. */
const [dots, loop] = [1, 2];

/** A result as Foxglove's image panel draws it. `pictureWidth`: of the picture that is sent beside it, at most. */
export function foxgloveResult({ message, text }: Outgoing, pictureWidth: number): FoxgloveMessage[] {
  const { camera } = message;
  const stampNs = BigInt(message.stampNs);
  const annotations = JSON.stringify(annotationsOf(message, pictureWidth));
  return [
    { camera, channel: 'results', stampNs, text },
    { camera, channel: 'annotations', stampNs, text: annotations },
  ];
}

export function foxglovePicture({ camera, stampNs, frameId, jpeg }: StreamPicture): FoxgloveMessage {
  const image = { timestamp: timeOf(stampNs), frame_id: frameId, data: jpeg, format: 'jpeg' };
  return { camera, channel: 'image', stampNs, text: JSON.stringify(image) };
}

function annotationsOf({ stampNs, width, detections }: StreamMessage, pictureWidth: number) {
  const timestamp = timeOf(BigInt(stampNs));
  // Foxglove draws in pixels of the picture that it got.
  const scale = width === undefined ? 1 : Math.min(1, pictureWidth / width);
  const at = (x: number, y: number): Point => ({ x: x * scale, y: y * scale });
  const drawn = (type: number, points: readonly Point[], color: object, thickness = 2) => ({
    ...{ timestamp, type, points, outline_color: color, outline_colors: [], fill_color: clear, thickness },
  });
  const all = detections.flatMap(withChildren);
  return {
    circles: [],
    points: all.flatMap(({ label, box, mask = [], keypoints = [] }) => {
      const color = colourOf(label);
      const spots = keypoints.map(([x = 0, y = 0]) => at(x, y));
      return [
        ...(box === undefined
          ? []
          : [
              drawn(
                loop,
                cornersOf(box).map(([x, y]) => at(x, y)),
                color,
              ),
            ]),
        ...mask.map((ring) =>
          drawn(
            loop,
            pairsOf(ring).map(([x, y]) => at(x, y)),
            color,
            1,
          ),
        ),
        ...(spots.length === 0 ? [] : [drawn(dots, spots, color, 4)]),
      ];
    }),
    texts: all.flatMap(({ label, score, box, trackId }) =>
      box === undefined
        ? []
        : [
            {
              timestamp,
              position: at(box[0], box[1]),
              text: [label, score?.toFixed(2), trackId === undefined ? undefined : `#${trackId}`]
                .filter((one) => one !== undefined)
                .join(' '),
              font_size: 12,
              text_color: white,
              background_color: { ...colourOf(label), a: 0.6 },
            },
          ],
    ),
  };
}

function withChildren(detection: Detection): Detection[] {
  return [detection, ...(detection.children ?? []).flatMap(withChildren)];
}

function cornersOf([x1, y1, x2, y2]: readonly [number, number, number, number]): [number, number][] {
  return [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
}

function pairsOf(ring: readonly number[]): [number, number][] {
  return Array.from({ length: Math.floor(ring.length / 2) }, (_, at) => [ring[2 * at]!, ring[2 * at + 1]!]);
}

function timeOf(stampNs: bigint) {
  const positive = stampNs < 0n ? 0n : stampNs;
  return { sec: Number(positive / 1_000_000_000n), nsec: Number(positive % 1_000_000_000n) };
}

/** A colour for each class, the same every time. */
function colourOf(label: string) {
  let hash = 7;
  for (let at = 0; at < label.length; at += 1) hash = (hash * 31 + label.charCodeAt(at)) % 360;
  const part = (shift: number) => {
    const k = (shift + hash / 30) % 12;
    return 0.55 - 0.45 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return { r: part(0), g: part(8), b: part(4), a: 1 };
}
