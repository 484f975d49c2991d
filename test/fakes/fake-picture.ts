import sharp from 'sharp';
import type { PreviewFrame } from '../../src/api/index.ts';

interface Walker {
  readonly label: string;
  readonly trackId: number;
  readonly color: string;
  readonly width: number;
  readonly height: number;
  readonly lane: number;
  /** Pixels per second; negative to the left. */
  readonly speed: number;
  readonly start: number;
}

const frame = { width: 1280, height: 720 };
const walkers: readonly Walker[] = [
  { label: 'car', trackId: 12, color: '#9c3b2e', width: 210, height: 92, lane: 560, speed: 90, start: 100 },
  { label: 'car', trackId: 15, color: '#dfe3e6', width: 180, height: 80, lane: 452, speed: -70, start: 900 },
  {
    label: 'truck',
    trackId: 17,
    color: '#3f5f7f',
    width: 330,
    height: 150,
    lane: 420,
    speed: -55,
    start: 1500,
  },
  {
    label: 'pedestrian',
    trackId: 21,
    color: '#d8a24a',
    width: 44,
    height: 124,
    lane: 640,
    speed: 24,
    start: 400,
  },
  {
    label: 'pedestrian',
    trackId: 23,
    color: '#5a4b7a',
    width: 40,
    height: 116,
    lane: 632,
    speed: -18,
    start: 1050,
  },
  {
    label: 'bicycle',
    trackId: 26,
    color: '#2f7d57',
    width: 110,
    height: 112,
    lane: 600,
    speed: 60,
    start: 700,
  },
];

/** A drawn street at a time, as JPEG, with the boxes of what moves in it. */
export async function drawPreview(
  timeMs: number,
  model: { name: string; version: string },
): Promise<PreviewFrame> {
  const placed = walkers.map((walker) => {
    const span = frame.width + 600;
    const way = walker.start + (walker.speed * (timeMs % 600_000)) / 1000;
    return { ...walker, x: (((way % span) + span) % span) - 300, y: walker.lane - walker.height };
  });
  const shapes = placed
    .map(
      ({ x, y, width, height, color, label }) =>
        `<ellipse cx="${x + width / 2}" cy="${y + height}" rx="${width * 0.55}" ry="9" fill="#000" opacity=".25"/>
         <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${label === 'pedestrian' ? 20 : 22}" fill="${color}"/>
         <rect x="${x + width * 0.18}" y="${y + height * 0.12}" width="${width * 0.6}" height="${height * 0.3}" rx="8" fill="#1b2733" opacity=".75"/>`,
    )
    .join('');
  const houses = Array.from({ length: 9 }, (_, index) => {
    const height = 190 + ((index * 83) % 120);
    return `<rect x="${index * 150 - 20}" y="${360 - height}" width="138" height="${height}" fill="hsl(${(index * 47) % 60} 12% ${44 + ((index * 7) % 18)}%)"/>`;
  }).join('');
  const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${frame.width}" height="${frame.height}">
    <rect width="100%" height="360" fill="#a9bccb"/>${houses}
    <rect y="360" width="100%" height="50" fill="#8d9183"/><rect y="400" width="100%" height="190" fill="#4c5157"/>
    <path d="M0 492h1280" stroke="#d9d6c4" stroke-width="5" stroke-dasharray="46 38"/>
    <rect y="590" width="100%" height="130" fill="#8b8d90"/>${shapes}</svg>`;
  const jpeg = await sharp(Buffer.from(scene)).jpeg({ quality: 78 }).toBuffer();
  const visible = placed.filter(({ x, width }) => x + width > 8 && x < frame.width - 8);
  return {
    stampNs: String(BigInt(Math.round(timeMs)) * 1_000_000n),
    roles: ['viewer', 'operator', 'admin'],
    ...frame,
    jpeg: jpeg.toString('base64'),
    detections: visible.map(({ label, trackId, x, y, width, height }) => ({
      label,
      trackId,
      score: 0.62 + ((trackId * 37) % 36) / 100,
      box: [Math.max(0, x), y, Math.min(frame.width, x + width), y + height],
      // A little less than its box, as a model of segmentation gives it.
      mask: [
        [x + width / 4, y, x + (3 * width) / 4, y, x + width, y + height, x, y + height].map(Math.round),
      ],
    })),
    model: model.name,
    version: model.version,
    captureToPublishMs: 24 + (timeMs % 900) / 100,
  };
}
