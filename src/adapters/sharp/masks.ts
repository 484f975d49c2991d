import type { OverlayOptions } from 'sharp';
import type { Point } from '../../perception/index.ts';

/** Black polygons over a picture; a little is added around them, so that no pixel at their border shows through. */
export function blackOf(
  { width, height }: { readonly width: number; readonly height: number },
  masks: readonly (readonly Point[])[],
): OverlayOptions[] {
  if (masks.length === 0) return [];
  const polygons = masks.map((points) => {
    const corners = points.map(([x, y]) => `${x * width},${y * height}`).join(' ');
    return `<polygon points="${corners}" stroke-linejoin="round"/>`;
  });
  const style = 'fill="#000" stroke="#000" stroke-width="2" shape-rendering="crispEdges"';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g ${style}>${polygons.join('')}</g></svg>`;
  return [{ input: Buffer.from(svg), left: 0, top: 0 }];
}
