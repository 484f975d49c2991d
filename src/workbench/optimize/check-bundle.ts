import { readBundle } from '../../adapters/filesystem/index.ts';
import { CancelledError, defined } from '../../base/index.ts';
import {
  chooseVariant,
  type GoldenResult,
  leastAgreement,
  leastMap,
  type VariantKind,
} from '../../model/index.ts';
import { runGolden } from '../../perception/index.ts';
import { createDetector, type EngineChoice, goldenFiles, layersOf } from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';

export interface CheckOptions {
  readonly engine: EngineChoice;
  readonly variant?: VariantKind;
}

export interface CheckReport extends GoldenResult {
  /** Parity with fp32 is kept, and what the set asks of accuracy. */
  readonly ok: boolean;
  readonly model: string;
  readonly version: string;
  readonly kind: VariantKind;
  readonly engine: string;
  /** Why this engine. */
  readonly reason: string;
  readonly precision: string;
  readonly layers: Awaited<ReturnType<typeof layersOf>>;
  /** The least agreement that is enough. */
  readonly wanted: number;
  /** The least mAP on the golden set that is enough; undefined where it asks for none. */
  readonly wantedMap: number | undefined;
}

/** Runs the golden set of a bundle on the engine that is there. */
export async function checkBundle(
  folder: string,
  { engine: choice, variant }: CheckOptions,
  { log, startProgress, signal }: WorkPorts,
): Promise<CheckReport> {
  const bundle = await readBundle(folder, 'digests');
  const set = await goldenFiles.read(bundle);
  const { manifest } = bundle;
  const request = { engine: choice, log, ...defined({ variant }) };
  const { detector, engine, reason } = await createDetector(bundle, request);
  const kind = variant ?? chooseVariant(manifest, engine).variant.kind;
  const bar = await startProgress('golden set', set.frames.length);
  try {
    const picture = (file: string) => goldenFiles.picture(bundle, file);
    const result = await runGolden(set, detector, picture, () => {
      if (signal.aborted) throw new CancelledError('The check');
      bar.advance(1);
    });
    const wanted = leastAgreement(set, kind);
    const wantedMap = leastMap(set, kind);
    const right = wantedMap === undefined || result.map === undefined || result.map >= wantedMap;
    return {
      ...{
        ok: result.agreement >= wanted && right,
        model: manifest.name,
        version: manifest.version,
        wantedMap,
      },
      ...{ kind, engine, reason, precision: detector.identity.precision },
      ...{ layers: await layersOf(detector), wanted, ...result },
    };
  } finally {
    bar.stop();
    await detector.close();
  }
}
