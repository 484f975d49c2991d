import sharp, { type OverlayOptions, type Raw } from 'sharp';
import type { Box } from '../../perception/index.ts';

/** Squares along the longer side of what is hidden: enough to see that a person is there, and no more. */
const squares = 6;

/** For every box a patch of a few coloured squares that lies over it. A box that leaves the picture is cut at its edge. */
export function patchesOf(raw: Uint8Array, shape: Raw, boxes: readonly Box[]): Promise<OverlayOptions[]> {
  return Promise.all(
    boxes.map(async (box) => {
      const left = clamp(Math.floor(box.x1), 0, shape.width - 1);
      const top = clamp(Math.floor(box.y1), 0, shape.height - 1);
      const size = {
        width: clamp(Math.ceil(box.x2) - left, 1, shape.width - left),
        height: clamp(Math.ceil(box.y2) - top, 1, shape.height - top),
      };
      const scale = squares / Math.max(size.width, size.height);
      const small = await sharp(raw, { raw: shape })
        .extract({ left, top, ...size })
        .resize({
          width: Math.max(1, Math.round(size.width * scale)),
          height: Math.max(1, Math.round(size.height * scale)),
          fit: 'fill',
        })
        .png()
        .toBuffer();
      const input = await sharp(small)
        .resize({ ...size, fit: 'fill', kernel: 'nearest' })
        .png()
        .toBuffer();
      return { input, left, top };
    }),
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Number.isFinite(value) ? value : low));
}
