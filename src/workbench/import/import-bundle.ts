import { basename } from 'node:path';
import { attachmentsOf, digestOf, writeBundle } from '../../adapters/filesystem/index.ts';
import { OnnxruntimeDetector } from '../../adapters/onnxruntime/index.ts';
import { defined } from '../../base/index.ts';
import {
  type Bundle,
  decoderModulePath,
  type Manifest,
  taskOf,
  type Variant,
  type VariantKind,
} from '../../model/index.ts';
import { variantKindOf } from '../../optimize/index.ts';
import { defaultDetectionSettings, type Frame } from '../../perception/index.ts';
import { goshawkVersion } from '../../runtime/index.ts';
import { addBudgets } from '../budget/budget-bundle.ts';
import { chooseAttachments } from '../golden/detector-model.ts';
import type { WorkPorts } from '../ports.ts';
import { type BatchChoice, withBatch } from './batch.ts';
import { checkOnPictures, likeliestWay, type PictureCheck } from './check-network.ts';
import { type CheckPictures, drawPictures, openPictures } from './check-pictures.ts';
import { labelsOfFamily, waysToRead } from './choose-contracts.ts';
import { makeHalf } from './half-variant.ts';
import { type InputOptions, overridesOf } from './input-options.ts';
import { readLabels } from './labels.ts';
import { modelNameOf } from './model-name.ts';
import { decoderOf, readModule } from './module-file.ts';
import { readNetwork } from './network-file.ts';

export interface ImportOptions extends InputOptions {
  /** Default: the names that the file has. */
  readonly labels?: string;
  readonly out: string;
  readonly decoder?: string;
  /** File with an ES module that reads the outputs. */
  readonly module?: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly licence: string;
  readonly embedding?: string;
  /** Default: as the file has it. */
  readonly batch?: BatchChoice;
  /** Pictures to choose a golden set from. */
  readonly golden?: string;
  /** Measures and writes latency and memory. */
  readonly budgets?: boolean;
  readonly replace?: boolean;
  /** false: no second variant in half precision. */
  readonly fp16?: boolean;
  /** Folder of pictures to look at; absent or true: drawn ones; false: none. */
  readonly check?: string | boolean;
}

export interface ImportedBundle extends Bundle {
  /** One picture through the network. */
  readonly trialMs: number;
  /** Absent where it was not wanted. */
  readonly check?: PictureCheck;
  /** Why the bundle has no variant in half precision, where it was to have one. */
  readonly halfLeftOut?: string;
}

/** Reads the network, checks it against the decoder, lets it look at pictures, and only then writes the bundle. */
export async function importBundle(
  file: string,
  options: ImportOptions,
  ports: Pick<WorkPorts, 'log' | 'signal'>,
): Promise<ImportedBundle> {
  const read = await readNetwork(file, options.embedding);
  const { network, sourceDigest, embedding } = read;
  const overrides = { ...overridesOf(options), ...defined({ embedding }) };
  const module = options.module === undefined ? undefined : await readModule(options.module);
  const decoder = decoderOf(options);
  const own = labelsOfFamily(network, overrides, decoder);
  const labels = await readLabels(options.labels, network, basename(file), own);
  const ways = waysToRead(network, labels, overrides, decoder);
  const pictures = await picturesFor(options.check);
  const contracts = await likeliestWay(read.bytes, { network, labels, ways }, pictures);
  const bytes = await withBatch(read.bytes, options.batch, contracts);

  const kind = variantKindOf(bytes);
  const variants = new Map<VariantKind, Uint8Array>([[kind, bytes]]);
  const full: Manifest = {
    schema: 1,
    name: options.name ?? modelNameOf(file),
    version: options.modelVersion,
    task: taskOf(contracts.output),
    licence: options.licence,
    labels: [...labels],
    ...contracts,
    variants: variantsOf(variants),
    provenance: {
      sourceDigest,
      createdBy: `goshawk ${goshawkVersion()}`,
      createdAt: new Date().toISOString(),
      sourceFile: basename(file),
      opset: network.opset,
      ...(network.producer === '' ? {} : { producer: network.producer }),
    },
  };
  const trialMs = await tryOut(full, bytes);
  const check =
    pictures === undefined
      ? undefined
      : await checkOnPictures({ bytes, network, labels, contracts, overrides }, pictures);
  const half =
    kind === 'fp32' && options.fp16 !== false
      ? await makeHalf(full, bytes, (pictures ?? drawPictures()).pictures)
      : undefined;
  if (half !== undefined && 'bytes' in half) variants.set('fp16', half.bytes);
  const manifest = { ...full, variants: variantsOf(variants) };
  const attached = await chooseAttachments(options.golden, manifest, variants);
  if (module !== undefined) attached.set(decoderModulePath, module);
  const whole = attached.size === 0 ? manifest : { ...manifest, attachments: attachmentsOf(attached) };
  const files = [...variants].map(([name, content]) => [fileOf(name), content] as const);
  const written = await writeBundle(options.out, whole, new Map([...files, ...attached]), {
    replace: options.replace === true,
  });
  const bundle = options.budgets === true ? await addBudgets(written, ports) : written;
  const halfLeftOut = half !== undefined && 'leftOut' in half ? half.leftOut : undefined;
  return { ...bundle, trialMs, ...defined({ check, halfLeftOut }) };
}

const fileOf = (kind: VariantKind) => `${kind}.onnx`;

const variantsOf = (networks: ReadonlyMap<VariantKind, Uint8Array>): Variant[] =>
  [...networks].map(([kind, bytes]) => ({
    kind,
    file: { path: fileOf(kind), digest: digestOf(bytes), size: bytes.length },
  }));

async function picturesFor(check: ImportOptions['check']): Promise<CheckPictures | undefined> {
  if (check === false) return undefined;
  return check === undefined || check === true ? drawPictures() : openPictures(check);
}

/** One picture through the network as it will lie in the bundle: from its bytes alone. Milliseconds. */
async function tryOut(manifest: Manifest, modelBytes: Uint8Array): Promise<number> {
  const bundle: Bundle = { digest: `sha256:${'0'.repeat(64)}`, manifest, location: '' };
  const detector = await OnnxruntimeDetector.create(bundle, { modelBytes });
  try {
    const { width, height } = manifest.input;
    const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => (index * 31) % 256);
    const frame: Frame = {
      camera: 'trial',
      sequence: 0,
      stampNs: 0n,
      frameId: 'trial',
      width,
      height,
      encoding: 'rgb8',
      step: width * 3,
      pixels: { data, release() {} },
    };
    const { timings } = await detector.detect(frame, defaultDetectionSettings);
    return timings.preprocessMs + timings.inferMs + timings.postprocessMs;
  } finally {
    await detector.close();
  }
}
