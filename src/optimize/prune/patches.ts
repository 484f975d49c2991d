import { intAttribute, intsAttribute, stringAttribute } from '../onnx/attributes.ts';
import type { NodeProto } from '../onnx/types.ts';
import type { RunTensor } from '../runner.ts';

/** Where one output pixel of a convolution lies. */
export interface Position {
  readonly y: number;
  readonly x: number;
}

export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left. */
  readonly pads: readonly [number, number];
}

export function windowOf(conv: NodeProto, kernel: readonly [number, number]): Window | undefined {
  if (stringAttribute(conv, 'auto_pad', 'NOTSET') !== 'NOTSET') return undefined;
  const pair = (name: string, otherwise: number): readonly [number, number] => {
    const [a = otherwise, b = otherwise] = intsAttribute(conv, name) ?? [];
    return [a, b];
  };
  return { kernel, strides: pair('strides', 1), dilations: pair('dilations', 1), pads: pair('pads', 0) };
}

/**
 * Rows of the matrix that a convolution multiplies with its weights: the patch below each position, channels `from` to
 * `to` of the input (1 x C x H x W), in the order of ONNX's weights; a column of ones at the end stands for the bias.
 */
export function patchRows(
  input: RunTensor,
  window: Window,
  positions: readonly Position[],
  from: number,
  to: number,
): Float32Array {
  const data = input.data as Float32Array;
  const [, , height = 1, width = 1] = input.dims;
  const [kh, kw] = window.kernel;
  const columns = (to - from) * kh * kw + 1;
  const rows = new Float32Array(positions.length * columns);
  let at = 0;
  for (const position of positions) {
    const top = position.y * window.strides[0] - window.pads[0];
    const left = position.x * window.strides[1] - window.pads[1];
    for (let c = from; c < to; c += 1) {
      for (let ky = 0; ky < kh; ky += 1) {
        const y = top + ky * window.dilations[0];
        for (let kx = 0; kx < kw; kx += 1, at += 1) {
          const x = left + kx * window.dilations[1];
          const inside = y >= 0 && y < height && x >= 0 && x < width;
          if (inside) rows[at] = data[(c * height + y) * width + x]!;
        }
      }
    }
    rows[at] = 1;
    at += 1;
  }
  return rows;
}

/** Values of the output (1 x C x H x W) at the positions, channels as listed; one row per position. */
export function outputRows(
  output: RunTensor,
  positions: readonly Position[],
  channels: readonly number[],
): Float32Array {
  const data = output.data as Float32Array;
  const [, , height = 1, width = 1] = output.dims;
  const rows = new Float32Array(positions.length * channels.length);
  let at = 0;
  for (const { y, x } of positions) {
    for (const channel of channels) {
      rows[at] = data[(channel * height + y) * width + x]!;
      at += 1;
    }
  }
  return rows;
}

/** Groups of a convolution. */
export function groupsOf(conv: NodeProto): number {
  return intAttribute(conv, 'group', 1);
}

/** Positions spread over the picture by a low-discrepancy sequence (additive recurrence with the plastic number). */
export function spreadPositions(
  height: number,
  width: number,
  count: number,
  offset: number,
): readonly Position[] {
  if (height * width <= count) {
    return Array.from({ length: height * width }, (_, i) => ({ y: Math.floor(i / width), x: i % width }));
  }
  return Array.from({ length: count }, (_, i) => ({
    y: Math.floor(((0.7548776662 * (i + offset)) % 1) * height),
    x: Math.floor(((0.569840291 * (i + offset)) % 1) * width),
  }));
}
