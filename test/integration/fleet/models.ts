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
