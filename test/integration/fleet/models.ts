import { join } from 'node:path';
import { digestOf, writeBundle } from '../../../src/adapters/filesystem/index.ts';
import type { Bundle, Manifest } from '../../../src/model/index.ts';
import { tinyManifest } from '../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../fixtures/tiny-onnx.ts';

/** A network that finds the same with another score: its bytes are others, and what a device has it does not fetch. */
export function otherNetwork(score = 0.8): Uint8Array {
  const box = [1, 1, Math.LN2, Math.LN2, score, 1];
  return tinyOnnx({ output: { values: Float32Array.from({ length: 126 }, (_, at) => box[at] ?? 0) } });
}

/** A network of the classes car and person; each box that is named is found in every picture, by its cell. */
export function networkFinding(...found: readonly ('car' | 'person')[]): Uint8Array {
  const values = new Float32Array(21 * 7);
  if (found.includes('car')) values.set([1, 1, Math.LN2, Math.LN2, 0.9, 1, 0], 0);
  // The cell at (2, 2) of stride 8: centre (24, 24).
  if (found.includes('person')) values.set([1, 1, Math.LN2, Math.LN2, 0.9, 0, 1], (2 * 4 + 2) * 7);
  return tinyOnnx({ output: { shape: [1, 21, 7], values } });
}

/** A tiny bundle; `bytes` in place of its network where it shall be broken. */
export function bundleIn(
  base: string,
  version: string,
  bytes: Uint8Array = tinyOnnx(),
  change: Partial<Manifest> = {},
): Promise<Bundle> {
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ version, variants: [{ kind: 'fp32', file }], ...change });
  return writeBundle(join(base, `bundle-${version}`), manifest, new Map([['fp32.onnx', bytes]]));
}
