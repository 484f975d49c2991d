import type { Detection } from '../../perception/index.ts';

export interface BoxMeasures {
  readonly logArea: number;
  readonly logAspect: number;
  /** Centre, 0..1 of the picture. */
  readonly x: number;
  readonly y: number;
}

/** Undefined for a box or a score that is no number or has no area. */
export function measureBox(
  { score, box }: Detection,
  picture: { readonly width: number; readonly height: number },
): BoxMeasures | undefined {
  const w = (box.x2 - box.x1) / picture.width;
  const h = (box.y2 - box.y1) / picture.height;
  const x = (box.x1 + box.x2) / (2 * picture.width);
  const y = (box.y1 + box.y2) / (2 * picture.height);
  if (!Number.isFinite(score + w + h + x + y) || w <= 0 || h <= 0) return undefined;
  return { logArea: Math.log(Math.max(w * h, 1e-6)), logAspect: Math.log(w / h), x, y };
}
