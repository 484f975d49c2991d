import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, writeBundle } from '../../../../src/adapters/filesystem/index.ts';
import type { InputContract } from '../../../../src/model/index.ts';
import { showBundle } from '../../../../src/workbench/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';
import { tinyOnnx } from '../../../fixtures/tiny-onnx.ts';

async function warningsOf(input: Partial<InputContract>): Promise<readonly string[]> {
  const bytes = tinyOnnx();
  const file = { path: 'fp32.onnx', digest: digestOf(bytes), size: bytes.length };
  const manifest = tinyManifest({ variants: [{ kind: 'fp32', file }] });
  const folder = join(temporaryFolder(), 'bundle');
  await writeBundle(
    folder,
    { ...manifest, input: { ...manifest.input, ...input } },
    new Map([[file.path, bytes]]),
  );
  return (await showBundle(folder)).warnings;
}

describe('model show', () => {
  it('warns of a bundle whose scale leaves nothing of the bytes that its network takes', async () => {
    expect(await warningsOf({ dtype: 'uint8', scale: 1 / 255 })).toEqual([
      expect.stringMatching(/detects no object. Import the network again/),
    ]);
    expect(await warningsOf({ dtype: 'uint8', scale: 1 })).toEqual([]);
    expect(await warningsOf({ dtype: 'float32', scale: 1 / 255 })).toEqual([]);
  });
});
