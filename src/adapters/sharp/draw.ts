import sharp, { type Sharp } from 'sharp';
import {
  cornersOf,
  type DepthMap,
  depthColours,
  type Image,
  type Keypoint,
  outlinesOf,
  type RuleShape,
  type RulesResult,
  ruleShapes,
  type TrackedDetection,
} from '../../perception/index.ts';
import { pipelineOf } from './encode.ts';

export interface DrawOptions {
  /** Zones and lines with their counts, as a result has them. */
  readonly rules?: Pick<RulesResult, 'zones' | 'lines'> | undefined;
}

/** The picture with its detections drawn on it, as a JPEG. A frame of any size is readable: line and type follow it. */
export async function drawDetections(
  image: Image,
  detections: readonly TrackedDetection[],
  options: DrawOptions & { readonly quality?: number } = {},
): Promise<Uint8Array> {
  const picture = await drawn(image, detections, options);
  return picture.jpeg({ quality: options.quality ?? 88, chromaSubsampling: '4:4:4' }).toBuffer();
}

/** The same as rgb8 pixels without padding. */
export async function drawDetectionsRaw(
  image: Image,
  detections: readonly TrackedDetection[],
  options: DrawOptions = {},
): Promise<Image> {
  const { width, height } = image;
  const data = await (await drawn(image, detections, options)).removeAlpha().raw().toBuffer();
  return { width, height, step: 3 * width, encoding: 'rgb8', data };
}

async function drawn(
  image: Image,
  detections: readonly TrackedDetection[],
  { rules }: DrawOptions,
): Promise<Sharp> {
  const overlay = Buffer.from(overlaySvg(image.width, image.height, detections, rules));
  const picture = await pipelineOf(image);
  const maps = detections.flatMap(({ depth }) => (depth === undefined ? [] : [depth]));
  const layers = await Promise.all(maps.map((depth) => depthLayer(depth, image)));
  return picture
    .toColourspace('srgb')
    .composite([...layers, overlay].map((input) => ({ input, top: 0, left: 0 })));
}

/** So much of the picture shows through. */
const depthOpacity = 0.8;

/** A depth map over the whole frame as colours, the lighter the nearer. */
function depthLayer(depth: DepthMap, { width, height }: Image): Promise<Buffer> {
  const raw = { width: depth.columns, height: depth.rows, channels: 4 } as const;
  return sharp(depthColours(depth, depthOpacity), { raw })
    .resize({ width, height, fit: 'fill', kernel: 'linear' })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** Masks, points, and boxes with name, score and track as SVG; stronger detections lie on top, zones and lines below them. */
export function overlaySvg(
  width: number,
  height: number,
  detections: readonly TrackedDetection[],
  rules?: DrawOptions['rules'],
): string {
  const side = Math.max(width, height);
  const line = Math.max(1.5, side / 400);
  const type = Math.max(11, Math.round(side / 56));
  const boxes = detections
    .filter(({ depth }) => depth === undefined)
    .sort((a, b) => a.score - b.score)
    .map((detection) => boxSvg(detection, width, height, line, type));
  const shapes = rules === undefined ? [] : ruleShapes(rules);
  const drawnShapes = shapes.map((shape) => ruleSvg(shape, width, height, line, type));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawnShapes.join('')}${boxes.join('')}</svg>`;
}

/** White on black, which is seen on any picture. The arrow of a line shows where `in` is. */
function ruleSvg(
  { points, isZone, text }: RuleShape,
  width: number,
  height: number,
  line: number,
  type: number,
): string {
  const n = (value: number) => value.toFixed(1);
  const at = points.map(([x, y]) => [x * width, y * height] as const);
  const path = `M${at.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}${isZone ? 'Z' : arrow(at, 4 * line)}`;
  const stroke = (colour: string, thick: number) =>
    `<path d="${path}" fill="${isZone ? '#fff' : 'none'}" fill-opacity="0.12" stroke="${colour}" stroke-width="${n(thick)}"/>`;
  const [x, y] = at.reduce((top, point) => (point[1] < top[1] ? point : top));
  const textX = Math.max(0, Math.min(width - text.length * type * 0.6, x));
  const textY = Math.max(type, Math.min(height - type * 0.3, y - type * 0.4));
  return (
    stroke('#000', 2 * line) +
    stroke('#fff', line) +
    `<text x="${n(textX)}" y="${n(textY)}" font-family="DejaVu Sans Mono, monospace" font-size="${type}" ` +
    `fill="#fff" stroke="#000" stroke-width="${n(type / 5)}" paint-order="stroke">${escaped(text)}</text>`
  );
}

/** From the middle of a line to its right hand. */
function arrow(ends: readonly (readonly [number, number])[], length: number): string {
  const [[x1, y1], [x2, y2]] = ends as readonly [readonly [number, number], readonly [number, number]];
  const [x, y, far] = [(x1 + x2) / 2, (y1 + y2) / 2, Math.hypot(x2 - x1, y2 - y1)];
  const [alongX, alongY] = [(length * (x2 - x1)) / far, (length * (y2 - y1)) / far];
  const tip = [x - 3 * alongY, y + 3 * alongX] as const;
  const n = (value: number) => value.toFixed(1);
  const barb = (side: 1 | -1) =>
    `L${n(tip[0] + alongY + side * alongX)} ${n(tip[1] - alongX + side * alongY)}`;
  const head = `M${n(tip[0])} ${n(tip[1])}`;
  return `M${n(x)} ${n(y)}L${n(tip[0])} ${n(tip[1])}${barb(1)}${head}${barb(-1)}`;
}

function boxSvg(
  { box, rotated, label, score, classId, trackId, mask, keypoints }: TrackedDetection,
  width: number,
  height: number,
  line: number,
  type: number,
): string {
  const text = `${label}${trackId === undefined ? '' : ` #${trackId}`} ${score.toFixed(2)}`;
  const colour = classColour(classId);
  const tagWidth = Math.min(width, text.length * type * 0.6 + type * 0.6);
  const tagHeight = type * 1.35;
  // Above the box where there is room, else inside its upper edge; never out of the picture.
  const tagY = Math.max(0, Math.min(height - tagHeight, box.y1 >= tagHeight ? box.y1 - tagHeight : box.y1));
  const tagX = Math.max(0, Math.min(width - tagWidth, box.x1 - line / 2));
  const n = (value: number) => value.toFixed(1);
  const outlines = mask === undefined ? [] : outlinesOf(mask, box);
  const path = outlines.map((ring) => `M${ring.map(n).join(' ')}Z`).join('');
  return (
    (path === '' ? '' : `<path d="${path}" fill="${colour}" fill-opacity="0.45" fill-rule="evenodd"/>`) +
    (rotated === undefined
      ? `<rect x="${n(box.x1)}" y="${n(box.y1)}" width="${n(box.x2 - box.x1)}" height="${n(box.y2 - box.y1)}" `
      : `<polygon points="${cornersOf(rotated).map(n).join(' ')}" `) +
    `fill="none" stroke="${colour}" stroke-width="${n(line)}"/>` +
    `<rect x="${n(tagX)}" y="${n(tagY)}" width="${n(tagWidth)}" height="${n(tagHeight)}" fill="${colour}"/>` +
    `<text x="${n(tagX + type * 0.3)}" y="${n(tagY + type)}" font-family="DejaVu Sans Mono, monospace" ` +
    `font-size="${type}" fill="#fff">${escaped(text)}</text>` +
    (keypoints === undefined ? '' : pointsSvg(keypoints, colour, line))
  );
}

/** COCO's 17 points: which of them a line joins. */
const limbs: readonly (readonly [number, number])[] = [
  ...([
    [15, 13],
    [13, 11],
    [16, 14],
    [14, 12],
    [11, 12],
    [5, 11],
    [6, 12],
  ] as const),
  ...([
    [5, 6],
    [5, 7],
    [6, 8],
    [7, 9],
    [8, 10],
    [1, 2],
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 4],
  ] as const),
];

/** Points that the model sees, and the limbs of a person between them. */
function pointsSvg(keypoints: readonly Keypoint[], colour: string, line: number): string {
  const n = (value: number) => value.toFixed(1);
  const seen = (point: Keypoint | undefined) => point !== undefined && (point.score ?? 1) >= 0.5;
  const lines = keypoints.length === 17 ? limbs : [];
  const drawnLines = lines
    .filter(([a, b]) => seen(keypoints[a]) && seen(keypoints[b]))
    .map(([a, b]) => {
      const [from, to] = [keypoints[a]!, keypoints[b]!];
      return `<line x1="${n(from.x)}" y1="${n(from.y)}" x2="${n(to.x)}" y2="${n(to.y)}" stroke="${colour}" stroke-width="${n(line)}"/>`;
    });
  const dots = keypoints
    .filter(seen)
    .map(
      ({ x, y }) =>
        `<circle cx="${n(x)}" cy="${n(y)}" r="${n(1.6 * line)}" fill="#fff" stroke="${colour}" stroke-width="${n(line / 2)}"/>`,
    );
  return [...drawnLines, ...dots].join('');
}

/** A hue of its own per class: steps of the golden angle keep neighbours apart. Dark enough for white type. */
export function classColour(classId: number): string {
  const hue = (205 + classId * 137.508) % 360;
  const lightness = hue > 45 && hue < 200 ? 31 : 42;
  return `hsl(${hue.toFixed(0)}, 85%, ${lightness}%)`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
