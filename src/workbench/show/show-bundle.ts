import { readBundle } from '../../adapters/filesystem/index.ts';
import type { CommandContext } from '../../cli/command.ts';
import { chooseVariant, describeForced, forcedVariants } from '../../model/index.ts';

/** Verifies every byte, then says what the bundle is. */
export async function showBundle({ output: out }: CommandContext, folder: string): Promise<number> {
  const { manifest, digest, location } = await readBundle(folder, 'digests');
  const { input, output } = manifest;
  out.line(`${manifest.name} ${manifest.version}  (${manifest.task}, licence: ${manifest.licence})`);
  out.line(`  digest   ${digest}, every file verified`);
  out.line(`  folder   ${location}`);
  out.line(
    `  input    "${input.tensor}" ${input.width}x${input.height} ${input.layout} ${input.dtype} ${input.colorOrder}, ` +
      `${input.fit}${input.fit === 'stretch' ? '' : ` with pad ${input.pad}`}, scale ${Number(input.scale.toFixed(6))}`,
  );
  out.line(`  output   ${output.decoder} from ${output.tensors.join(', ')}`);
  if (output.embedding !== undefined) out.line(`  drift    also watched in ${output.embedding}`);
  out.line(`  labels   ${manifest.labels.length}: ${shortened(manifest.labels)}`);
  out.line(`  made     ${manifest.provenance.createdAt} by ${manifest.provenance.createdBy}`);
  out.line();
  out.table(
    ['variant', 'bytes', 'mAP', 'AP50', 'on'],
    manifest.variants.map(({ kind, file, accuracy }) => [
      kind,
      file.size,
      accuracy === undefined ? '-' : (accuracy.map * 100).toFixed(1),
      accuracy === undefined ? '-' : (accuracy.ap50 * 100).toFixed(1),
      accuracy === undefined ? '-' : `${accuracy.dataset} (${accuracy.images})`,
    ]),
  );
  const attachments = manifest.attachments ?? [];
  for (const { path, size } of attachments) out.line(`  with     ${path} (${size} bytes)`);
  out.line();
  out.line(`onnxruntime-node would run ${chooseVariant(manifest, 'onnxruntime-node').variant.kind}.`);
  const forced = forcedVariants(manifest);
  for (const variant of forced) out.warn(`${describeForced(variant)}.`);
  out.value({ ok: true, digest, bundle: location, forced, manifest });
  return 0;
}

function shortened(labels: readonly string[]): string {
  const shown = labels.slice(0, 8).join(', ');
  return labels.length > 8 ? `${shown}, ...` : shown;
}
