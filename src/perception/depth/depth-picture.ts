/** A picture of distances along the optical axis, row by row. */
export interface DepthPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next. */
  readonly step: number;
  /** `mm`: 16 bits, 0 where nothing was measured. `m`: 32 bit floats, NaN or 0 there. */
  readonly unit: 'mm' | 'm';
  readonly bigEndian: boolean;
}

/** Metres at a pixel; NaN where nothing was measured. */
export function depthReader(picture: DepthPicture): (x: number, y: number) => number {
  const { data, width, height, step, unit, bigEndian } = picture;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return (x, y) => {
    if (!(x >= 0 && y >= 0 && x < width && y < height)) return Number.NaN;
    const metres =
      unit === 'mm'
        ? view.getUint16(y * step + x * 2, !bigEndian) / 1000
        : view.getFloat32(y * step + x * 4, !bigEndian);
    return metres > 0 && metres < Number.POSITIVE_INFINITY ? metres : Number.NaN;
  };
}
