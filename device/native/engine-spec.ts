import { buildCommand, isolation, kernelPath, type OpenEngine, pluginPath } from '../../native/index.ts';
import { defined, MissingError } from '../../src/base/index.ts';
import { type Bundle, fileIn, mayRewritePairs, type Variant } from '../../src/model/index.ts';
import { onnxruntimeLibrary } from './engines.ts';
import { isIsolated } from './isolated.ts';

/** Which engine runs a model, and how. */
export interface EngineSpecOptions {
  /** Default `onnxruntime`. */
  readonly engine?: 'onnxruntime' | 'tensorrt';
  /** Threads of one network (onnxruntime); default 1. */
  readonly threads?: number;
  /** The model's bytes, where it must not be read from the bundle's folder (encrypted bundles). */
  readonly modelBytes?: Uint8Array;
  /** tensorrt: the plan that was built for this board: where it lies, or its bytes. */
  readonly plan?: string | Uint8Array;
  /** tensorrt: another library behind the same C ABI, and the options of its device. Default: the plugin that was built. */
  readonly plugin?: string;
  readonly deviceOptions?: Readonly<Record<string, string>>;
  /** tensorrt: letterbox on the GPU where its kernel was compiled; default false. */
  readonly gpuPreprocess?: boolean;
  /** In a separate process: a crash or hang loses only the frames in progress. Default: for tensorrt, and with `lockMemory`. */
  readonly isolate?: boolean;
  /** The engine is kept out of swap, in a separate process; it does not open if that is impossible. Default false. */
  readonly lockMemory?: boolean;
}

export function useKernels(options: EngineSpecOptions): boolean {
  return options.gpuPreprocess === true && kernelPath() !== undefined;
}

/** As the addon opens it: the file or the bytes, the plugin, and what it is told. */
export function engineSpec(
  bundle: Bundle,
  variant: Variant,
  engine: 'onnxruntime' | 'tensorrt',
  options: EngineSpecOptions,
): OpenEngine {
  const spec = ownEngineSpec(bundle, variant, engine, options);
  return isIsolated(engine, options) ? isolated(spec, options) : spec;
}

/** The same engine behind the plugin that runs it in a process of its own. */
function isolated(spec: OpenEngine, { lockMemory }: EngineSpecOptions): OpenEngine {
  const found = isolation();
  if (found === undefined) {
    throw new MissingError(
      'engine-missing',
      'The program for isolated engines was not built on this machine.',
      `Run ${buildCommand()} and read what it says, or set ${lockMemory === true ? 'lockMemory' : 'isolate'} to false.`,
    );
  }
  const { plugin, host } = found;
  const locked = lockMemory === true ? { 'isolate.lock_memory': '1' } : {};
  const own = { 'isolate.plugin': spec.plugin, 'isolate.host': host, ...locked };
  return { ...spec, plugin, deviceOptions: { ...spec.deviceOptions, ...own } };
}

function ownEngineSpec(
  bundle: Bundle,
  variant: Variant,
  engine: 'onnxruntime' | 'tensorrt',
  options: EngineSpecOptions,
): OpenEngine {
  const plugin = (engine === 'tensorrt' ? options.plugin : undefined) ?? pluginPath(engine);
  if (plugin === undefined) {
    throw new MissingError(
      'engine-missing',
      `The plugin for ${engine} was not built on this machine.`,
      `Run ${buildCommand()} and read what it says.`,
    );
  }
  if (engine === 'onnxruntime') {
    const library = onnxruntimeLibrary();
    return {
      plugin,
      deviceOptions: defined({ library }),
      model: options.modelBytes ?? fileIn(bundle, variant.file),
      engineOptions: {
        intra_op_threads: String(options.threads ?? 1),
        rewrite_pairs: mayRewritePairs(variant.kind) ? '1' : '0',
      },
    };
  }
  if (options.plan === undefined) {
    throw new MissingError(
      'engine-plan',
      'TensorRT runs a plan that was built for this board, and none was given.',
      'Build it first: the agent does this when it prepares a model.',
    );
  }
  const kernels = useKernels(options) ? kernelPath() : undefined;
  return {
    plugin,
    deviceOptions: { ...options.deviceOptions, ...defined({ kernels }) },
    model: options.plan,
    engineOptions: {},
  };
}
