import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, readBundle, writeBundle } from '../../adapters/filesystem/index.ts';
import { fileIn, type Manifest } from '../../model/index.ts';
import { loadModel, saveModel, writeFloat16 } from '../../optimize/index.ts';
import type { BundleFacts } from './engine-plan.ts';

/** Of the file in it. */
const name = 'fp16.onnx';

/**
 * A bundle in half precision, made from one in full precision: what a GPU runs best is a file of its own, which few bundles have.
 * Without the golden set, whose bounds are of the other variants; undefined where no bundle has full precision.
 */
export async function halfBundle(
  bundles: readonly BundleFacts[],
  folder: string,
): Promise<BundleFacts | undefined> {
  const source = bundles.find(({ manifest }) => manifest.variants.some(({ kind }) => kind === 'fp32'));
  if (source === undefined) return undefined;
  const bundle = await readBundle(source.folder, 'digests');
  const variant = bundle.manifest.variants.find(({ kind }) => kind === 'fp32')!;
  const { graph } = writeFloat16(loadModel(await readFile(fileIn(bundle, variant.file))));
  const bytes = saveModel(graph);
  const { attachments: _, budgets: __, ...rest } = bundle.manifest;
  const manifest: Manifest = {
    ...rest,
    variants: [{ kind: 'fp16', file: { path: name, digest: digestOf(bytes), size: bytes.length } }],
  };
  const { location } = await writeBundle(join(folder, 'half'), manifest, new Map([[name, bytes]]));
  return { folder: location, manifest, madeFrom: source.folder };
}
