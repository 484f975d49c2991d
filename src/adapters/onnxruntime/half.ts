let table: Float32Array | undefined;

/** Bits of IEEE 754 binary16 to float32, through a table of all 65,536 values (256 kB, made at first use). */
export function floatFromHalf(bits: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  const out = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index += 1) out[index] = table[bits[index] ?? 0] ?? 0;
  return out;
}
