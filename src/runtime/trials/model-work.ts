import { readBundle } from '../../adapters/filesystem/index.ts';
import { openEngine } from '../../agent/index.ts';
import { defined, silentLog } from '../../base/index.ts';
import { MachineEngines } from '../engines/machine-engines.ts';
import type { ModelJob, ModelOutcome } from './job.ts';

/** The engine that an agent would take for the model before a plan is there. */
export async function openModel({
  bundle: folder,
  engine,
  variant,
  isolate,
}: ModelJob): Promise<ModelOutcome> {
  const bundle = await readBundle(folder, 'digests');
  const platform = new MachineEngines({
    log: silentLog,
    ...defined({ preferredVariant: variant, isolate }),
  });
  const chosen = await openEngine(bundle, { platform, engine, log: silentLog, buildPlan: 'later' });
  await chosen.detector.close();
  const { name, version } = bundle.manifest;
  return { name, version, engine: chosen.engine, reason: chosen.reason };
}
