import type { EngineLayer } from '../../../device/native/index.ts';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { CancelledError } from '../../base/index.ts';
import type { CommandContext } from '../../cli/command.ts';
import { outputLog } from '../../cli/output.ts';
import { chooseVariant, type VariantKind } from '../../model/index.ts';
import { createDetector, type EngineChoice, layersOf } from '../../runtime/engines/detectors.ts';
import { readGolden, runGolden } from './golden.ts';

export interface CheckOptions {
  readonly engine: EngineChoice;
  readonly variant?: VariantKind;
}

/** `layers: 12 in int8, 3 in fp16` */
function summary(layers: readonly EngineLayer[]): string {
  const counts = new Map<string, number>();
  for (const { precision } of layers) counts.set(precision, (counts.get(precision) ?? 0) + 1);
  const parts = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([precision, count]) => `${count} in ${precision}`);
  return `layers: ${parts.join(', ')}`;
}

/** Runs the golden set of a bundle on the engine that is there. Exit status 1 where parity with fp32 is lost. */
export async function checkBundle(
  { output: out, signal }: CommandContext,
  folder: string,
  options: CheckOptions,
): Promise<number> {
  const bundle = await readBundle(folder, 'digests');
  const set = await readGolden(bundle);
  const { variant } = options;
  const { detector, engine, reason } = await createDetector(bundle, {
    engine: options.engine,
    log: outputLog(out),
    ...(variant === undefined ? {} : { variant }),
  });
  const kind = variant ?? chooseVariant(bundle.manifest, engine).variant.kind;
  const bar = await out.progress('golden set', set.frames.length);
  try {
    const result = await runGolden(bundle, set, detector, () => {
      if (signal.aborted) throw new CancelledError('The check');
      bar.advance(1);
    });
    const wanted = set.minAgreement[kind] ?? set.minAgreement.fp32 ?? 1;
    const ok = result.agreement >= wanted;
    bar.stop();
    out.line(`${bundle.manifest.name} ${bundle.manifest.version}, ${kind} on ${engine} (${reason})`);
    out.line(
      `  agreement with fp32 on ${result.frames} frames: ${(result.agreement * 100).toFixed(1)} %, at least ${(wanted * 100).toFixed(1)} % is needed`,
    );
    if (!ok) {
      for (const { file, agreement } of result.worst) {
        out.line(`  ${file}: ${(agreement * 100).toFixed(1)} %`);
      }
      out.note('Parity is lost: the engine computes something else than the model. Do not deploy it.');
    }
    const { precision } = detector.identity;
    const layers = await layersOf(detector);
    out.line(`  computes in ${precision}${layers.length === 0 ? '' : ` (${summary(layers)})`}`);
    out.value({ ok, kind, engine, precision, layers, wanted, ...result });
    return ok ? 0 : 1;
  } finally {
    bar.stop();
    await detector.close();
  }
}
