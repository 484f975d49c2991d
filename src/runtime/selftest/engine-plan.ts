import type { EngineName, Manifest, VariantKind } from '../../model/index.ts';
import type { EngineJob } from '../trials/job.ts';
import { absent, type Trial, untried } from './trial.ts';

/* Which engines, precisions and ways of running are tried on a board; pure. */

export interface BundleFacts {
  readonly folder: string;
  readonly manifest: Pick<Manifest, 'name' | 'variants'>;
  /** The same network in another precision, so that answers can be compared. */
  readonly madeFrom?: string;
}

/** What is known of the board before anything is tried. */
export interface EngineFacts {
  /** Engines behind the addon: whether they are there, and if not why. */
  readonly native: readonly {
    readonly engine: EngineName;
    readonly available: boolean;
    readonly detail: string;
    readonly remedy: string;
  }[];
  /** The letterbox for the GPU was compiled. */
  readonly kernels: boolean;
  /** What TensorRT says of its device. */
  readonly dlaCores: number | undefined;
}

type Bare = Omit<EngineJob, 'kind' | 'plans' | 'measureMs'>;

export interface PlannedTrial {
  readonly name: string;
  readonly job: Bare;
  /** Whose network it is: jobs of one network see the same. */
  readonly network: string;
}

export interface EnginePlan {
  /** What the others are compared with: the processor, in full precision. */
  readonly baseline: PlannedTrial;
  readonly trials: readonly PlannedTrial[];
  /** What needs no try to be told. */
  readonly told: readonly Trial[];
}

const batch = 4;
const plain = { maxBatch: 1, gpuPreprocess: false } as const;

/** Precisions in words, and which variant of a bundle each engine reads for it, best first. */
const precisions: readonly {
  readonly word: string;
  readonly kinds: Readonly<Record<'cpu' | 'tensorrt', readonly VariantKind[]>>;
}[] = [
  { word: 'fp32', kinds: { cpu: ['fp32'], tensorrt: ['fp32'] } },
  { word: 'fp16', kinds: { cpu: ['fp16'], tensorrt: ['fp16'] } },
  { word: 'int8', kinds: { cpu: ['qdq-u8', 'qdq-s8'], tensorrt: ['qdq-s8'] } },
];

const makeVariant: Readonly<Record<string, string>> = {
  fp32: 'Name a bundle that has it with --model.',
  fp16: 'Name a bundle in full precision with --model: one in half is made of it.',
  int8: 'Make one with `goshawk model optimize` and name it with --model.',
};

export function planEngines(bundles: readonly BundleFacts[], facts: EngineFacts): EnginePlan {
  const trials: PlannedTrial[] = [];
  const told: Trial[] = [];
  const baseline = plannedFor(bundles, 'onnxruntime-node', ['fp32'], 'fp32') ?? {
    name: 'onnxruntime-node',
    job: { ...anyJob(bundles), engine: 'onnxruntime-node' as const },
    network: bundles[0]!.folder,
  };
  addPrecisions('onnxruntime-node', bundles, trials, told);
  for (const { engine, available, detail, remedy } of facts.native) {
    if (!available) {
      told.push(absent('engines', nameOf(engine), detail, remedy));
      continue;
    }
    addPrecisions(engine, bundles, trials, told);
    addBatches(engine, bundles, trials);
    if (engine === 'tensorrt') addTensorrt(bundles, facts, trials, told);
  }
  return { baseline, trials: trials.filter(({ name }) => name !== baseline.name), told };
}

/** `onnxruntime` runs in the addon, `onnxruntime-node` in a thread of its own. */
const nameOf = (engine: EngineName) => (engine === 'onnxruntime' ? 'onnxruntime (native)' : engine);

function addPrecisions(
  engine: EngineName,
  bundles: readonly BundleFacts[],
  trials: PlannedTrial[],
  told: Trial[],
): void {
  for (const { word, kinds } of precisions) {
    const wanted = kinds[engine === 'tensorrt' ? 'tensorrt' : 'cpu'];
    const planned = plannedFor(bundles, engine, wanted, word);
    if (planned !== undefined) trials.push(planned);
    else {
      const name = `${nameOf(engine)} ${word}`;
      told.push(
        untried('engines', name, `no bundle here has ${wanted.join(' or ')}`, makeVariant[word] ?? ''),
      );
    }
  }
}

function addBatches(engine: EngineName, bundles: readonly BundleFacts[], trials: PlannedTrial[]): void {
  const planned = plannedFor(bundles, engine, ['fp32', 'qdq-s8', 'qdq-u8'], `batches of ${batch}`);
  if (planned !== undefined) trials.push({ ...planned, job: { ...planned.job, maxBatch: batch } });
}

function addTensorrt(
  bundles: readonly BundleFacts[],
  { kernels, dlaCores = 0 }: EngineFacts,
  trials: PlannedTrial[],
  told: Trial[],
): void {
  if (kernels) {
    const planned = plannedFor(bundles, 'tensorrt', ['fp32', 'fp16', 'qdq-s8'], 'letterbox on the GPU');
    if (planned !== undefined) trials.push({ ...planned, job: { ...planned.job, gpuPreprocess: true } });
  } else {
    told.push(
      absent(
        'engines',
        'tensorrt letterbox on the GPU',
        'its kernel was not compiled',
        'Where nvcc is installed: sudo goshawk native build. Without it the processor does the letterbox.',
      ),
    );
  }
  told.push(
    dlaCores > 0
      ? untried(
          'engines',
          'tensorrt DLA',
          `the board has ${dlaCores} DLA cores, and a network runs on one only where you set dlaCore`,
          'You need to do nothing: networks run on the GPU.',
        )
      : absent(
          'engines',
          'tensorrt DLA',
          'TensorRT names no DLA core',
          'You need to do nothing: networks run on the GPU.',
        ),
  );
}

function plannedFor(
  bundles: readonly BundleFacts[],
  engine: EngineName,
  kinds: readonly VariantKind[],
  word: string,
): PlannedTrial | undefined {
  for (const kind of kinds) {
    const found = bundles.find(({ manifest }) => manifest.variants.some((one) => one.kind === kind));
    if (found !== undefined) {
      return {
        name: `${nameOf(engine)} ${word}`,
        job: { bundle: found.folder, engine, variant: kind, ...plain },
        network: found.madeFrom ?? found.folder,
      };
    }
  }
  return undefined;
}

function anyJob(bundles: readonly BundleFacts[]) {
  const first = bundles[0]!;
  return { bundle: first.folder, variant: first.manifest.variants[0]!.kind, ...plain };
}
