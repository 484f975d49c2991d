import { byteWords, counted, defined, latencyWords, shareWords } from '../../base/index.ts';
import {
  type BundleDescription,
  type ImportedBundle,
  type MeasureName,
  measureWords,
  type OtherOrder,
} from '../../workbench/index.ts';
import type { Output } from '../output.ts';

export function printImported(
  out: Output,
  { manifest, digest, location, trialMs, check, halfLeftOut }: ImportedBundle,
): void {
  const { input, output, variants } = manifest;
  const kind = variants[0]?.kind;
  out.line(`${location}`);
  out.line(`  model    ${manifest.name} ${manifest.version}, ${manifest.labels.length} classes`);
  out.line(`  input    ${input.width}x${input.height} ${input.colorOrder}, ${input.fit}, ${input.dtype}`);
  out.line(`  output   ${output.family} from ${outputNames(output)}`);
  if (output.embedding !== undefined) out.line(`  embedding  ${output.embedding}`);
  out.line(`  variant  ${variants.map((variant) => variant.kind).join(', ')}`);
  if (halfLeftOut !== undefined)
    out.line(`           no fp16, so that TensorRT runs full precision: ${halfLeftOut}`);
  out.line(`  trial    one picture in ${latencyWords(trialMs)}`);
  out.line(
    `  check    ${check === undefined ? 'none: not tested whether it finds anything' : checkText(check)}`,
  );
  if (check?.otherOrder !== undefined) out.line(`           ${orderText(check.otherOrder)}`);
  out.line(`  digest   ${digest}`);
  out.value({
    ok: true,
    bundle: location,
    digest,
    name: manifest.name,
    version: manifest.version,
    input,
    output,
    kind,
    kinds: variants.map((variant) => variant.kind),
    trialMs,
    ...defined({ check, halfLeftOut }),
  });
}

function checkText({ pictures, findings, best, labels }: NonNullable<ImportedBundle['check']>): string {
  return `${counted(findings, 'finding')} on ${pictures} (${shortened(labels)}; best score ${best.toFixed(2)})`;
}

function orderText({ order, pictures, own, other }: OtherOrder): string {
  const more = `a picture's scores add up to ${other.toFixed(2)} instead of ${own.toFixed(2)} (${counted(pictures, 'picture')})`;
  return `with red and blue swapped it is surer: ${more}. If goshawk model evaluate agrees, import it again with --color ${order}`;
}

export function printBundle(out: Output, bundle: BundleDescription): void {
  const { manifest, digest, location, runs, forced, golden, profiles, warnings } = bundle;
  const { input, output } = manifest;
  out.line(`${manifest.name} ${manifest.version}  (${manifest.task}, licence: ${manifest.licence})`);
  out.line(`  digest   ${digest}, every file verified`);
  out.line(`  folder   ${location}`);
  out.line(
    `  input    "${input.tensor}" ${input.width}x${input.height} ${input.layout} ${input.dtype} ${input.colorOrder}, ` +
      `${input.fit}${input.fit === 'stretch' ? '' : ` with pad ${input.pad}`}, scale ${Number(input.scale.toFixed(6))}`,
  );
  out.line(`  output   ${output.family} from ${outputNames(output)}`);
  if (output.embedding !== undefined) out.line(`  drift    also watched in ${output.embedding}`);
  out.line(`  labels   ${manifest.labels.length}: ${shortened(manifest.labels)}`);
  out.line(`  made     ${manifest.provenance.createdAt} by ${manifest.provenance.createdBy}`);
  out.line();
  out.table(
    ['variant', 'size', 'accuracy', 'on'],
    manifest.variants.map(({ kind, file, accuracy }) => [
      kind,
      { bytes: file.size },
      accuracy === undefined ? '-' : measured(accuracy),
      accuracy === undefined ? '-' : `${accuracy.dataset} (${accuracy.images})`,
    ]),
    'No variants.',
  );
  printPromises(out, bundle);
  out.line();
  out.line(`onnxruntime-node would run ${runs}.`);
  for (const warning of warnings) out.warn(warning);
  out.value({
    ...{ ok: true, digest, bundle: location, forced, profiles, manifest },
    ...defined({ golden }),
  });
}

/** Its budgets, golden set, profiles and attachments. */
function printPromises(out: Output, { manifest, golden, profiles }: BundleDescription): void {
  out.line(`  budgets  ${budgetWords(manifest.budgets) || 'none'}`);
  if (golden === undefined) out.line('  golden   none: a device cannot check what its engine computes');
  else {
    const each = Object.entries(golden.minAgreement).map(([kind, least]) => {
      const map = golden.minMap?.[kind];
      return `${kind} ${shareWords(least)}${map === undefined ? '' : `, mAP ${(map * 100).toFixed(1)}`}`;
    });
    out.line(`  golden   ${counted(golden.frames, 'frame')}; at least ${each.join('; ')}`);
  }
  out.line(
    `  profiles ${profiles.length === 0 ? 'none: after a rollout the model is not watched for drift until devices learn' : `of ${profiles.join(', ')}`}`,
  );
  const others = (manifest.attachments ?? []).filter(({ path }) => !/^(golden|profiles)\//.test(path));
  for (const { path, size } of others) out.line(`  with     ${path} (${byteWords(size)})`);
}

export function budgetWords({
  p95LatencyMs,
  memoryBytes,
  minMap,
}: BundleDescription['manifest']['budgets'] = {}): string {
  return [
    p95LatencyMs === undefined ? [] : [`${p95LatencyMs} ms per frame (p95)`],
    memoryBytes === undefined ? [] : [byteWords(memoryBytes)],
    minMap === undefined ? [] : [`mAP ${(minMap * 100).toFixed(1)} on the evaluation set`],
  ]
    .flat()
    .join(', ');
}

function shortened(labels: readonly string[]): string {
  const shown = labels.slice(0, 8).join(', ');
  return labels.length > 8 ? `${shown}, ...` : shown;
}

function outputNames({ outputs }: BundleDescription['manifest']['output']): string {
  return outputs.flatMap(({ tensors }) => tensors).join(', ');
}

/** `mAP 44.1, AP50 73.2` */
function measured(accuracy: Readonly<Partial<Record<MeasureName, number>>>): string {
  return (Object.keys(measureWords) as MeasureName[])
    .flatMap((name) => {
      const value = accuracy[name];
      return value === undefined ? [] : `${measureWords[name]} ${(value * 100).toFixed(1)}`;
    })
    .join(', ');
}
