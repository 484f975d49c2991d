/** Pixels of one frame and, beside them, which object painted each pixel; both are overwritten every frame. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** rgb8, row after row. */
  rgb: Uint8Array;
  /** Number of the object that painted the pixel last, 0 for scenery. */
  readonly owner: Uint16Array;
  /** Pixels that each object painted in all, whether or not something painted over them later. */
  readonly painted: Uint32Array;
}

const maxObjects = 1024;

export function createCanvas(width: number, height: number): Canvas {
  return {
    width,
    height,
    rgb: new Uint8Array(width * height * 3),
    owner: new Uint16Array(width * height),
    painted: new Uint32Array(maxObjects),
  };
}

/** Colour 0..255 each, already lit and fogged; alpha 0..1; object 0 paints scenery. */
export interface Ink {
  r: number;
  g: number;
  b: number;
  alpha: number;
  object: number;
}

function blend(canvas: Canvas, pixel: number, ink: Ink, coverage: number): void {
  const rgb = canvas.rgb;
  const at = pixel * 3;
  const alpha = coverage * ink.alpha;
  rgb[at] = rgb[at]! + (ink.r - rgb[at]!) * alpha;
  rgb[at + 1] = rgb[at + 1]! + (ink.g - rgb[at + 1]!) * alpha;
  rgb[at + 2] = rgb[at + 2]! + (ink.b - rgb[at + 2]!) * alpha;
  // Scenery in front takes a pixel away from the object behind it only where it really covers.
  if (alpha > 0.5 && canvas.owner[pixel] !== ink.object) {
    canvas.owner[pixel] = ink.object;
    canvas.painted[ink.object] = canvas.painted[ink.object]! + 1;
  }
}

const left = [0, 0];
const right = [0, 0];

/** Fills a convex polygon (x, y pairs in `points`, `count` corners), smoothed at its edges. */
export function fillPolygon(canvas: Canvas, points: Float64Array, count: number, ink: Ink): void {
  let top = Number.POSITIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const y = points[i * 2 + 1]!;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  const firstRow = Math.max(0, Math.floor(top));
  const lastRow = Math.min(canvas.height - 1, Math.floor(bottom));
  for (let row = firstRow; row <= lastRow; row++) {
    // Two scan lines per row give vertical smoothing at half the price of supersampling.
    for (let half = 0; half < 2; half++) {
      const y = row + 0.25 + half * 0.5;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = 0, j = count - 1; i < count; j = i++) {
        const y0 = points[j * 2 + 1]!;
        const y1 = points[i * 2 + 1]!;
        if (y0 <= y === y1 <= y) continue;
        const x0 = points[j * 2]!;
        const x = x0 + ((points[i * 2]! - x0) * (y - y0)) / (y1 - y0);
        if (x < low) low = x;
        if (x > high) high = x;
      }
      left[half] = Math.max(0, low);
      right[half] = Math.min(canvas.width, high);
    }
    fillRow(canvas, row, ink);
  }
}

function fillRow(canvas: Canvas, row: number, ink: Ink): void {
  const l0 = left[0]!;
  const l1 = left[1]!;
  const r0 = right[0]!;
  const r1 = right[1]!;
  const start = Math.floor(Math.min(l0 < r0 ? l0 : 1e9, l1 < r1 ? l1 : 1e9));
  const end = Math.min(canvas.width - 1, Math.floor(Math.max(l0 < r0 ? r0 : -1, l1 < r1 ? r1 : -1)));
  const base = row * canvas.width;
  const full0 = Math.ceil(Math.max(l0, l1));
  const full1 = Math.floor(Math.min(r0, r1)) - 1;
  for (let x = start; x <= end; x++) {
    let coverage = 1;
    if (x < full0 || x > full1) {
      const c0 = Math.min(x + 1, r0) - Math.max(x, l0);
      const c1 = Math.min(x + 1, r1) - Math.max(x, l1);
      coverage = (Math.max(c0, 0) + Math.max(c1, 0)) / 2;
      if (coverage <= 0) continue;
    }
    blend(canvas, base + x, ink, coverage);
  }
}

/** A thick line with round ends: limbs, poles, branches. Radii in pixels at both ends. */
export function fillCapsule(
  canvas: Canvas,
  x0: number,
  y0: number,
  radius0: number,
  x1: number,
  y1: number,
  radius1: number,
  ink: Ink,
): void {
  const radius = Math.max(radius0, radius1) + 1;
  const startX = Math.max(0, Math.floor(Math.min(x0, x1) - radius));
  const endX = Math.min(canvas.width - 1, Math.ceil(Math.max(x0, x1) + radius));
  const startY = Math.max(0, Math.floor(Math.min(y0, y1) - radius));
  const endY = Math.min(canvas.height - 1, Math.ceil(Math.max(y0, y1) + radius));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const length2 = dx * dx + dy * dy || 1e-9;
  for (let y = startY; y <= endY; y++) {
    for (let x = startX; x <= endX; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const coverage = radius0 + (radius1 - radius0) * along + 0.5 - Math.sqrt(ex * ex + ey * ey);
      if (coverage > 0) blend(canvas, y * canvas.width + x, ink, Math.min(coverage, 1));
    }
  }
}

/** An upright ellipse; `soft` 0 paints a hard rim, 1 fades from the centre (a glow). */
export function fillEllipse(
  canvas: Canvas,
  cx: number,
  cy: number,
  radiusX: number,
  radiusY: number,
  soft: number,
  ink: Ink,
): void {
  const startX = Math.max(0, Math.floor(cx - radiusX - 1));
  const endX = Math.min(canvas.width - 1, Math.ceil(cx + radiusX));
  const startY = Math.max(0, Math.floor(cy - radiusY - 1));
  const endY = Math.min(canvas.height - 1, Math.ceil(cy + radiusY));
  const rim = Math.min(radiusX, radiusY);
  for (let y = startY; y <= endY; y++) {
    for (let x = startX; x <= endX; x++) {
      const ex = (x + 0.5 - cx) / radiusX;
      const ey = (y + 0.5 - cy) / radiusY;
      const distance = Math.sqrt(ex * ex + ey * ey);
      if (soft > 0) {
        const fade = 1 - distance;
        if (fade > 0) blend(canvas, y * canvas.width + x, ink, fade * fade);
      } else {
        const coverage = (1 - distance) * rim + 0.5;
        if (coverage > 0) blend(canvas, y * canvas.width + x, ink, Math.min(coverage, 1));
      }
    }
  }
}
