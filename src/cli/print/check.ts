import { counted, shareWords } from '../../base/index.ts';
import type { CheckReport } from '../../workbench/index.ts';
import type { Output } from '../output.ts';

export function printCheck(out: Output, { model, version, reason, ...report }: CheckReport): void {
  const { ok, kind, engine, precision, layers, wanted, agreement, frames, worst, map, wantedMap } = report;
  out.line(`${model} ${version}, ${kind} on ${engine} (${reason})`);
  out.line(
    `  agreement with fp32 on ${counted(frames, 'frame')}: ${shareWords(agreement)}, at least ${shareWords(wanted)} is needed`,
  );
  if (map !== undefined)
    out.line(
      `  mAP on them: ${(map * 100).toFixed(1)}${wantedMap === undefined ? '' : `, at least ${(wantedMap * 100).toFixed(1)} is needed`}`,
    );
  if (!ok) {
    for (const frame of worst) out.line(`  ${frame.file}: ${shareWords(frame.agreement)}`);
    out.note(
      agreement < wanted
        ? 'Parity is lost: the engine computes something else than the model. Do not deploy it.'
        : 'The accuracy that the bundle asks for is not reached. Do not deploy it.',
    );
  }
  out.line(`  computes in ${precision}${layers.length === 0 ? '' : ` (${layerCounts(layers)})`}`);
  out.value({
    ...{ ok, kind, engine, precision, layers, wanted, agreement, frames, worst },
    ...(map === undefined ? {} : { map, wantedMap }),
  });
}

/** `layers: 12 in int8, 3 in fp16` */
function layerCounts(layers: CheckReport['layers']): string {
  const counts = new Map<string, number>();
  for (const { precision } of layers) counts.set(precision, (counts.get(precision) ?? 0) + 1);
  const parts = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([precision, count]) => `${count} in ${precision}`);
  return `layers: ${parts.join(', ')}`;
}
