/** A picture of distances along the optical axis, row by row. */
export interface DepthPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next. */
  readonly step: number;
  /**
   * `mm`: 16 bits, 0 where nothing was measured. `m`: 32 bit floats, NaN or 0 there. Else 16 bits of which `a / (value - b)` are
   * metres, 0 where nothing was measured.
   */
  readonly unit: 'mm' | 'm' | { readonly a: number; readonly b: number };
  readonly bigEndian: boolean;
}

/** Metres at a pixel; NaN where nothing was measured. */
export function depthReader(picture: DepthPicture): (x: number, y: number) => number {
  const { data, width, height, step, unit, bigEndian } = picture;
  const value = metresBy(unit);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return (x, y) => {
    if (!(x >= 0 && y >= 0 && x < width && y < height)) return Number.NaN;
    const metres =
      unit === 'm'
        ? view.getFloat32(y * step + x * 4, !bigEndian)
        : value(view.getUint16(y * step + x * 2, !bigEndian));
    return metres > 0 && metres < Number.POSITIVE_INFINITY ? metres : Number.NaN;
  };
}

/** Of a value of 16 bits. */
function metresBy(unit: DepthPicture['unit']): (value: number) => number {
  if (typeof unit === 'string') return (value) => value / 1000;
  const { a, b } = unit;
  return (value) => (value === 0 ? Number.NaN : a / (value - b));
}
