import { SystemClock } from '../../adapters/system/index.ts';
import { defined } from '../../base/index.ts';
import type { VariantKind } from '../../model/index.ts';
import { Pipeline } from '../../perception/index.ts';
import { type EngineChoice, openInference, readInferenceAddresses } from '../../runtime/index.ts';
import type { WorkPorts } from '../ports.ts';
import { modelsBySlot, RunModels } from '../run/models.ts';

export interface ServeOptions {
  /** A bundle, or several as `slot=bundle`. */
  readonly model: string | readonly string[];
  readonly listen: readonly string[];
  readonly waitSeconds: number;
  readonly engine: EngineChoice;
  readonly variant?: VariantKind;
  readonly threads: number;
  /** Modules that bundles bring may run. */
  readonly decoderModules?: boolean;
}

export interface ServedSummary {
  readonly models: readonly { readonly name: string; readonly version: string; readonly engine: string }[];
  readonly urls: readonly string[];
}

/** Answers requests, without cameras, until the signal fires. `onReady` is called when every address is open. */
export async function serveModels(
  { model, listen, waitSeconds, engine, variant, threads, decoderModules }: ServeOptions,
  { log, signal }: Pick<WorkPorts, 'log' | 'signal'>,
  onReady: (summary: ServedSummary) => void,
): Promise<void> {
  const settings = readInferenceAddresses(listen, waitSeconds);
  const clock = new SystemClock();
  const models = new RunModels();
  try {
    const allowed = decoderModules === true ? { refuseModule: () => undefined } : {};
    const request = { engine, threads, log, ...allowed, ...defined({ variant }) };
    await models.open(modelsBySlot(model), request, signal);
    const slots = models.detectors(models.main!.detector);
    const pipeline = new Pipeline({ slots, sinks: [], clock, log });
    const servers = await openInference(settings, { live: () => pipeline, clock, log });
    try {
      const served = [...slots.values()].map(({ identity }) => {
        const { model: name, version, engine: by } = identity;
        return { name, version, engine: by };
      });
      onReady({ models: served, urls: servers.urls });
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await servers.close();
      await pipeline.close();
    }
  } finally {
    await models.close();
  }
}
