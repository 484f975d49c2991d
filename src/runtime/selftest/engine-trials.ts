import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  describeTensorrt,
  hasKernels,
  nativeEngines,
  referencePlugin,
} from '../../../device/native/index.ts';
import { readBundle } from '../../adapters/filesystem/index.ts';
import { CancelledError, defined } from '../../base/index.ts';
import { type EngineOutcome, engineLogFile } from '../trials/job.ts';
import { runJob } from '../trials/run-job.ts';
import { type EngineLog, readEngineLog } from './engine-log.ts';
import { type BundleFacts, type PlannedTrial, planEngines } from './engine-plan.ts';
import { halfBundle } from './half-bundle.ts';
import { judge } from './judge.ts';
import { judgeReference, referenceBundle } from './reference-bundle.ts';
import { attempt, failed, type Trial, works } from './trial.ts';

export interface EngineTrialOptions {
  readonly bundles: readonly string[];
  /** Folder for plans, empty. */
  readonly work: string;
  readonly measureMs: number;
  /** Of one engine, building included. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly onTrial: (name: string) => void;
}

/** Every engine that is here, one after the other: two at once would slow each other. */
export async function tryEngines(options: EngineTrialOptions): Promise<readonly Trial[]> {
  const bundles = await withHalf(await Promise.all(options.bundles.map(factsOf)), options.work);
  const device = await describeDevice();
  const plan = planEngines(bundles, {
    native: nativeEngines(),
    kernels: hasKernels(),
    dlaCores: numberOf(device.value?.dlaCores),
  });
  const { baseline, trials, told } = plan;
  const first = await runPlanned(baseline, options);
  const rows: Trial[] = [
    'outcome' in first
      ? judge({ ...shared(baseline), outcome: first.outcome, sameModel: true })
      : failed('engines', baseline.name, first.error),
    ...device.rows,
  ];
  const reference = 'outcome' in first ? first.outcome : undefined;
  for (const trial of trials) {
    const ran = await runPlanned(trial, options);
    rows.push(
      'error' in ran
        ? { ...failed('engines', trial.name, ran.error), ...defined({ log: ran.log?.lines }) }
        : judge({
            ...shared(trial),
            outcome: ran.outcome,
            sameModel: trial.network === baseline.network,
            ...defined({ baseline: reference, log: ran.log }),
          }),
    );
  }
  return [...rows, ...told, ...(await tryReference(options))];
}

const shared = ({ name, job }: PlannedTrial) => ({
  name,
  quantized: job.variant !== 'fp32' && job.variant !== 'fp16',
  wantedBatch: job.maxBatch,
});

/** Half precision is tried on every board: where no bundle has it, one is made. */
async function withHalf(bundles: readonly BundleFacts[], work: string): Promise<readonly BundleFacts[]> {
  if (bundles.some(({ manifest }) => manifest.variants.some(({ kind }) => kind === 'fp16'))) return bundles;
  const half = await halfBundle(bundles, work);
  return half === undefined ? bundles : [...bundles, half];
}

async function factsOf(folder: string): Promise<BundleFacts> {
  const { manifest } = await readBundle(folder, 'sizes');
  return { folder, manifest };
}

type Ran = ({ readonly outcome: EngineOutcome } | { readonly error: unknown }) & { readonly log?: EngineLog };

async function runPlanned(trial: PlannedTrial, options: EngineTrialOptions): Promise<Ran> {
  const plans = join(options.work, trial.name.replace(/[^a-z0-9]+/gi, '-'));
  const ran = await runIn(plans, trial, options);
  const log = await readFile(join(plans, engineLogFile), 'utf8').then(readEngineLog, () => undefined);
  return { ...ran, ...defined({ log }) };
}

async function runIn(plans: string, { name, job }: PlannedTrial, options: EngineTrialOptions): Promise<Ran> {
  const { measureMs, limitMs, signal, onTrial } = options;
  onTrial(name);
  try {
    return {
      outcome: await runJob(
        { kind: 'engine', ...job, plans, measureMs },
        { what: 'The engine', limitMs, signal },
      ),
    };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return { error };
  }
}

/** What TensorRT says of its device: the first thing to look at where a board's engine does not open. */
async function describeDevice() {
  const tensorrt = nativeEngines().find(({ engine }) => engine === 'tensorrt');
  if (tensorrt?.available !== true) return { rows: [], value: undefined };
  try {
    const value = await describeTensorrt();
    const words = Object.entries(value).map(([key, one]) => `${key} ${String(one)}`);
    return { rows: [works('engines', 'tensorrt device', words.join(', '))], value };
  } catch (error) {
    return { rows: [failed('engines', 'tensorrt device', error)], value: undefined };
  }
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined);

async function tryReference(options: EngineTrialOptions): Promise<readonly Trial[]> {
  const plugin = referencePlugin();
  // Not in a package, and nobody misses it there.
  if (plugin === undefined) return [];
  const name = 'reference plugin';
  return attempt('engines', name, async () => {
    const ran = await runPlanned(
      {
        name,
        network: name,
        job: {
          bundle: await referenceBundle(options.work),
          engine: 'tensorrt',
          variant: 'qdq-s8',
          plugin,
          maxBatch: 1,
          gpuPreprocess: false,
        },
      },
      { ...options, measureMs: 0 },
    );
    return 'error' in ran ? failed('engines', name, ran.error) : judgeReference(name, ran.outcome);
  });
}
