import { readFile } from 'node:fs/promises';
import { OnnxruntimeDetector } from '../../adapters/onnxruntime/index.ts';
import { decodePicture } from '../../adapters/sharp/index.ts';
import { InputError } from '../../base/index.ts';
import { goldenRules, type Manifest, type ModelTask, type VariantKind } from '../../model/index.ts';
import { type Detector, detectGolden } from '../../perception/index.ts';
import { truthFormOf } from '../pictures/truth-form.ts';
import { type GoldenModel, goldenAttachments, makeGolden } from './make-golden.ts';

/** A model from the bytes of its variants, as it runs on a device: whatever its input takes. */
export function detectorModel(
  manifest: Manifest,
  variants: ReadonlyMap<VariantKind, Uint8Array>,
): GoldenModel {
  const why = whyNoGolden(manifest.task);
  if (why !== undefined)
    throw new InputError(
      'golden-task',
      `A golden set compares labels and boxes, and ${why}.`,
      'Leave out --golden; measure the model with `goshawk model evaluate`.',
    );
  return {
    labels: manifest.labels,
    form: truthFormOf(manifest.task),
    kinds: [...variants.keys()],
    async open(kind, files) {
      const detector = await detectorOf(manifest, kind, variants.get(kind));
      return {
        async see(picture) {
          const path = files[picture] ?? '';
          return detectGolden(
            detector,
            await decodePicture(await readFile(path), path),
            goldenRules,
            picture,
          );
        },
        close: () => detector.close(),
      };
    },
  };
}

/** Why a model of this task has no golden set; undefined: it has one. */
export function whyNoGolden(task: ModelTask): string | undefined {
  if (task === 'depth') return 'a depth map has neither';
  if (task === 'embedding') return 'a vector has neither';
  return task === 'tensor' ? 'the answer of a module has neither' : undefined;
}

/** The golden set of a bundle that will have these networks, as attachments; none where no folder is named to choose from. */
export async function chooseAttachments(
  folder: string | undefined,
  manifest: Manifest,
  networks: ReadonlyMap<VariantKind, Uint8Array>,
): Promise<Map<string, Uint8Array>> {
  if (folder === undefined) return new Map();
  return goldenAttachments(await makeGolden(folder, detectorModel(manifest, networks)));
}

/** From its bytes: what the manifest names need not be on the disk. */
export function detectorOf(
  manifest: Manifest,
  kind: VariantKind,
  modelBytes: Uint8Array | undefined,
): Promise<Detector> {
  if (modelBytes === undefined) throw new RangeError(`no variant ${kind}`);
  const bundle = { digest: `sha256:${'0'.repeat(64)}`, manifest, location: '' };
  return OnnxruntimeDetector.create(bundle, { modelBytes, variant: kind });
}
