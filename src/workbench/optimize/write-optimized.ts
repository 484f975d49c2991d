import { basename } from 'node:path';
import { attachmentsOf, digestOf, writeBundle, writeFileAtomic } from '../../adapters/filesystem/index.ts';
import { type Bundle, type BundleFile, type Manifest, taskOf, type Variant } from '../../model/index.ts';
import { accuracyPicture, type ChainReport, type ChainResult } from '../../optimize/index.ts';
import { goshawkVersion } from '../../runtime/index.ts';
import { goldenAttachments, type MadeGolden } from '../golden/make-golden.ts';
import { modelNameOf } from '../import/model-name.ts';
import type { OptimizeOptions } from './options.ts';
import type { PictureSet } from './pictures.ts';
import type { Source } from './source.ts';

export async function writePruned(path: string, { pruned, report }: ChainResult): Promise<void> {
  if (pruned === undefined || report.pruning === undefined) return;
  await writeFileAtomic(path, pruned);
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(report.pruning, null, 2)}\n`);
}

/** The bundle: variants, report, golden set, and how they came about. */
export async function writeOptimized(
  source: Source,
  options: OptimizeOptions,
  { report, models: shipped }: ChainResult,
  golden: MadeGolden | undefined,
  evaluation: PictureSet,
): Promise<Bundle> {
  const models = new Map(shipped);
  // The golden set has its detections all the same.
  if (options.withoutFp32 === true && models.size > 1) models.delete('fp32');
  const contents = new Map<string, Uint8Array>();
  for (const [kind, model] of models) contents.set(`${kind}.onnx`, model);
  const name = options.name ?? modelNameOf(source.file);
  const attachments = new Map<string, Uint8Array>([
    ['report.json', Buffer.from(`${JSON.stringify(report, null, 2)}\n`)],
    ['report.svg', Buffer.from(accuracyPicture(report, `${name} ${options.modelVersion}`))],
    ...(golden === undefined ? [] : goldenAttachments(golden)),
  ]);
  const manifest: Manifest = {
    schema: 1,
    name,
    version: options.modelVersion,
    task: taskOf(source.contracts.output),
    licence: options.licence,
    labels: [...source.labels],
    ...source.contracts,
    variants: [...models].map(([kind, model]) => variantOf(kind, model, report, evaluation)),
    provenance: {
      sourceDigest: source.digest,
      createdBy: `goshawk ${goshawkVersion()}`,
      createdAt: new Date().toISOString(),
      sourceFile: basename(source.file),
      optimization: provenance(source, report, options),
    },
    attachments: attachmentsOf(attachments),
  };
  for (const [path, bytes] of attachments) contents.set(path, bytes);
  return writeBundle(options.out, manifest, contents, { replace: options.replace === true });
}

function variantOf(
  kind: Variant['kind'],
  model: Uint8Array,
  { variants }: ChainReport,
  { name: dataset, count: images }: PictureSet,
): Variant {
  const file = fileOf(`${kind}.onnx`, model);
  const accuracy = variants.find((variant) => variant.kind === kind)?.accuracy;
  if (accuracy === undefined) return { kind, file };
  const { measure, value, beside } = accuracy;
  return { kind, file, accuracy: { dataset, images, [measure]: value, [beside.measure]: beside.value } };
}

function fileOf(path: string, bytes: Uint8Array): BundleFile {
  return { path, digest: digestOf(bytes), size: bytes.length };
}

/** How the variants came about; `forced` stays in the manifest, so no device can mistake them for accepted ones. */
function provenance(source: Source, report: ChainReport, options: OptimizeOptions): Record<string, unknown> {
  const forced = report.variants.filter(({ verdict }) => verdict === 'forced');
  return {
    sourceAccuracy: report.source.accuracy.value,
    ...(source.base === undefined || report.base === undefined
      ? {}
      : { baseDigest: digestOf(source.base), baseAccuracy: report.base.accuracy.value }),
    maxDrop: report.budget,
    prune: report.pruning?.used === true ? options.prune : 0,
    quantization: Object.fromEntries(
      report.quantization.map(({ form, method, float }) => [form, { method, floatLayers: float }]),
    ),
    ...(forced.length === 0
      ? {}
      : { forced: forced.map(({ kind, drop }) => ({ kind, drop, maxDrop: report.budget })) }),
  };
}
