import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { buildCommand, loadNative, pluginPath } from '../../native/index.ts';
import type { EngineBuildEvent, PlanStatus } from '../../src/agent/index.ts';
import { defined, describeError, InputError, MissingError } from '../../src/base/index.ts';
import {
  type BuiltPlan,
  type Bundle,
  chooseVariant,
  EngineCache,
  type EngineFingerprint,
  encryptedPlan,
  fileIn,
  isFetched,
  type Manifest,
  mostWorkspaceBytes,
  type Variant,
  type VariantKind,
  workspaceSteps,
} from '../../src/model/index.ts';
import { kernelText } from '../../src/platform/index.ts';
import { NativeDetector, type NativeDetectorOptions } from './detector.ts';
import { explainNative } from './errors.ts';
import { buildPlan } from './plan-builder.ts';
import type { PlanSeal } from './plan-seal.ts';
import { PlanFolder } from './plan-store.ts';

export interface EngineCacheManagerOptions {
  /** A library that stands for TensorRT behind the same C ABI, and options of its device; default: the plugin that was built. */
  readonly plugin?: string;
  readonly deviceOptions?: Readonly<Record<string, string>>;
  /** DLA core that runs what it can; the rest, and all by default, is the GPU's. */
  readonly dlaCore?: number;
  /** Below that nothing is built; default 256 MiB. */
  readonly leastFreeBytes?: number;
  /** All plans together; those that were not opened for the longest time go first. Default 2 GiB. */
  readonly mostPlanBytes?: number;
  /** Frames in one run that a plan allows, where the model's batch is free; default 1. */
  readonly maxBatch?: number;
  /**
   * Writes a plan that somebody of the fleet built for this very fingerprint, whole or not at all; undefined where nobody has
   * one. What it gives has a `buildMs` of 0, and is held to the golden set like a plan that was built here.
   */
  readonly fetchPlan?: (
    key: string,
    planPath: string,
    bundle: Bundle,
    signal: AbortSignal | undefined,
  ) => Promise<BuiltPlan | undefined>;
  /** A plan that was built here, and lies in plain, did well. */
  readonly onProven?: (key: string, bundle: Bundle) => void;
  readonly onBuildEvent?: (news: EngineBuildEvent) => void;
}

export interface PlanWork {
  /** 0..1, or undefined where unknown. */
  readonly onProgress?: ((done: number | undefined) => void) | undefined;
  /** Ends a build under way; the promise then rejects with a CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** For a model that is encrypted; its plan then is, too, and stays on this device. */
  readonly seal?: PlanSeal | undefined;
}

interface BuildWork extends PlanWork {
  /** Of the builder too. */
  readonly lockMemory: boolean;
}

/** The engine's answers for a plan that it cannot use. Others are no verdict on the plan. */
const refusals = [
  'native-corrupt',
  'native-incompatible',
  'native-unsupported',
  'native-engine',
  'model-trial',
  'sealed-file',
];

/**
 * Engines of this board: from a bundle to a detector on a plan that was checked, built first where there is none.
 *
 * A plan that the engine does not read is built again once, then quarantined. See `EngineCache`.
 */
export class EngineCacheManager {
  readonly #options: EngineCacheManagerOptions;
  readonly #folder: string;
  readonly #cache: EngineCache;
  /** Asked for once: what came was of no use, or nobody had one. */
  readonly #asked = new Set<string>();
  #device: Promise<Readonly<Record<string, unknown>>> | undefined;

  constructor(folder: string, options: EngineCacheManagerOptions = {}) {
    this.#folder = path.resolve(folder);
    this.#options = options;
    this.#cache = new EngineCache(
      new PlanFolder(folder, options),
      (text) => createHash('sha256').update(text).digest('hex'),
      () => new Date().toISOString(),
    );
  }

  /** Of the plan for the bundle's best variant. Rejects where TensorRT or its device does not open. */
  async status(bundle: Bundle, variant?: VariantKind): Promise<PlanStatus> {
    const { state, plan } = await this.#cache.entry(await this.#fingerprintOf(bundle, variant));
    return { state, proven: state === 'ready' && plan?.proven === true };
  }

  /** The plan was checked and watched, and did well. */
  async prove(bundle: Bundle, variant?: VariantKind): Promise<void> {
    const { state, key, plan } = await this.#cache.proven(await this.#fingerprintOf(bundle, variant));
    if (state === 'ready' && plan?.plain === undefined && !isFetched(plan))
      this.#options.onProven?.(key, bundle);
  }

  /** The plan was checked and watched, and did not do what its bundle promises: not again without an order. */
  async reject(bundle: Bundle, reason: string, variant?: VariantKind): Promise<void> {
    const fingerprint = await this.#fingerprintOf(bundle, variant);
    // One that another device built is made anew here: what is wrong with it says nothing of one's own.
    const { plan } = await this.#cache.entry(fingerprint);
    if (isFetched(plan)) return this.#dropFetched(bundle, fingerprint, plan?.from, reason);
    const { state } = await this.#cache.rejected(fingerprint, reason);
    if (state === 'quarantined') this.#tell({ kind: 'quarantined', model: nameOf(bundle), reason });
  }

  /**
   * A plan that another device built did badly: it goes, this device takes none of its kind again, and the next `open` builds
   * one here. False, and nothing is done, where it was built here or did well here before.
   */
  async setAside(bundle: Bundle, reason: string, variant?: VariantKind): Promise<boolean> {
    const fingerprint = await this.#fingerprintOf(bundle, variant);
    const { plan } = await this.#cache.entry(fingerprint);
    if (!isFetched(plan) || plan?.proven === true) return false;
    await this.#dropFetched(bundle, fingerprint, plan?.from, reason);
    return true;
  }

  async #dropFetched(
    bundle: Bundle,
    fingerprint: EngineFingerprint,
    from = 'another device',
    reason: string,
  ): Promise<void> {
    await this.#cache.setAside(fingerprint);
    this.#tell({ kind: 'set-aside', model: nameOf(bundle), from, reason: reason.slice(0, 2000) });
  }

  /** A new order: what is quarantined may be tried again. */
  async order(bundle: Bundle, variant?: VariantKind): Promise<void> {
    await this.#cache.order(await this.#fingerprintOf(bundle, variant));
  }

  /** Rejects with the reason why there is no detector; a CancelledError when the signal fired. */
  async open(bundle: Bundle, options: NativeDetectorOptions, work: PlanWork = {}): Promise<NativeDetector> {
    const { lockMemory = false } = options;
    const { variant } = chooseVariant(bundle.manifest, 'tensorrt', options.variant);
    const fingerprint = await this.#fingerprint(bundle, variant);
    // A bundle that this device may not open is no verdict on the engine.
    await work.seal?.check();
    for (;;) {
      const planPath = await this.#plan(bundle, variant, fingerprint, { ...work, lockMemory });
      try {
        return await this.#create(
          bundle,
          { ...options, ...this.#plugin(), engine: 'tensorrt', variant: variant.kind },
          await this.#readable(fingerprint, planPath, work.seal),
        );
      } catch (error) {
        const { code } = explainNative(error, 'The engine');
        if (!refusals.includes(code)) throw error;
        // One that another device built says nothing of what is built here, and is not counted.
        const { plan } = await this.#cache.entry(fingerprint);
        if (isFetched(plan)) {
          await this.#dropFetched(bundle, fingerprint, plan?.from, describeError(error));
          continue;
        }
        const { state, reason } = await this.#cache.refused(fingerprint, describeError(error));
        // Not absent: another caller made it anew meanwhile, or there is no second chance.
        if (state !== 'absent') {
          if (state === 'quarantined') this.#tell({ kind: 'quarantined', model: nameOf(bundle), reason });
          throw error;
        }
      }
    }
  }

  /** The plan as the engine takes it: its path, or its bytes if it is encrypted on disk. */
  async #readable(
    fingerprint: EngineFingerprint,
    planPath: string,
    seal: PlanSeal | undefined,
  ): Promise<string | Uint8Array> {
    const plain = seal && (await this.#cache.entry(fingerprint)).plan?.plain;
    return seal === undefined || plain === undefined ? planPath : seal.open(planPath, plain);
  }

  async #create(
    bundle: Bundle,
    options: NativeDetectorOptions,
    plan: string | Uint8Array,
  ): Promise<NativeDetector> {
    try {
      return await NativeDetector.create(bundle, { ...options, plan });
    } finally {
      if (typeof plan !== 'string') plan.fill(0);
    }
  }

  async #plan(
    bundle: Bundle,
    variant: Variant,
    fingerprint: EngineFingerprint,
    work: BuildWork,
  ): Promise<string> {
    const before = (await this.#cache.entry(fingerprint)).state;
    try {
      return await this.#cache.prepare(fingerprint, (_, plan) =>
        this.#build(bundle, variant, fingerprint, plan, work),
      );
    } catch (error) {
      const { state, reason } = await this.#cache
        .entry(fingerprint)
        .catch(() => ({ state: before, reason: '' }));
      if (state === 'quarantined' && before !== 'quarantined')
        this.#tell({ kind: 'quarantined', model: nameOf(bundle), reason });
      throw error;
    }
  }

  async #build(
    bundle: Bundle,
    variant: Variant,
    fingerprint: EngineFingerprint,
    plan: string,
    { onProgress, signal, seal, lockMemory }: BuildWork,
  ) {
    const mayFetch = seal === undefined && (await this.#cache.entry(fingerprint)).setAside !== true;
    const fetched = mayFetch ? await this.#fetch(plan, bundle, signal) : undefined;
    if (fetched !== undefined) return fetched;
    const model = nameOf(bundle);
    let outermost: string | undefined;
    let told = 0;
    this.#tell({ kind: 'building', model, progress: 0 });
    const { plugin, deviceOptions } = this.#plugin();
    const built = await buildPlan({
      plugin,
      deviceOptions,
      engineOptions: Object.fromEntries(
        Object.entries(fingerprint.profiles).map(([input, profile]) => [`shape.${input}`, profile]),
      ),
      ...(seal === undefined ? { onnx: fileIn(bundle, variant.file) } : { onnx: '', seal }),
      ...{ plan, lockMemory },
      timingCache: path.join(this.#folder, `timing-${fingerprint.tensorrt}.cache`),
      workspaces: workspaceSteps(os.freemem()),
      ...defined({ signal }),
      onProgress: ({ phase, fraction }) => {
        // TensorRT nests its phases; only the first one goes from beginning to end.
        outermost ??= phase;
        if (phase !== outermost) return;
        onProgress?.(fraction < 0 ? undefined : fraction);
        const quarter = Math.floor(fraction * 4) / 4;
        if (quarter > told && quarter < 1) this.#tell({ kind: 'building', model, progress: quarter });
        told = Math.max(told, quarter);
      },
    });
    const { buildMs, peakMemoryBytes } = built;
    this.#tell({ kind: 'built', model, buildMs, peakMemoryBytes });
    return built;
  }

  async #fetch(
    plan: string,
    bundle: Bundle,
    signal: AbortSignal | undefined,
  ): Promise<BuiltPlan | undefined> {
    if (this.#options.fetchPlan === undefined || this.#asked.has(plan)) return undefined;
    this.#asked.add(plan);
    const key = path.basename(plan, '.plan');
    return this.#options.fetchPlan(key, plan, bundle, signal);
  }

  #fingerprintOf(bundle: Bundle, kind: VariantKind | undefined): Promise<EngineFingerprint> {
    return this.#fingerprint(bundle, chooseVariant(bundle.manifest, 'tensorrt', kind).variant);
  }

  async #fingerprint({ manifest, sealed }: Bundle, variant: Variant): Promise<EngineFingerprint> {
    this.#device ??= loadNative()
      .describeDevice(this.#plugin())
      .then((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
    let device: Readonly<Record<string, unknown>>;
    try {
      device = await this.#device;
    } catch (error) {
      // A driver may come up later than the agent.
      this.#device = undefined;
      throw explainNative(error, 'TensorRT');
    }
    const { tensor, width, height, layout } = manifest.input;
    const frame = layout === 'nchw' ? `3x${height}x${width}` : `${height}x${width}x3`;
    const { dlaCore, maxBatch = 1 } = this.#options;
    if (dlaCore !== undefined) refuseOnDla(manifest, variant);
    // A core runs one shape alone.
    const most = dlaCore === undefined ? maxBatch : 1;
    // Until TensorRT 10.7 a network for DLA is typed by a flag.
    const typing = dlaCore === undefined ? 'strongly-typed' : 'dla';
    return {
      model: variant.file.digest,
      precision: variant.kind,
      // Read for inputs that the file leaves open alone.
      profiles: { [tensor]: `1x${frame},${most}x${frame},${most}x${frame}` },
      // The most that is asked for: what a build gets depends on the memory that is free, and must not make another key.
      workspaceBytes: mostWorkspaceBytes,
      // A plan that lies in plain, of the same network that came in plain before, is another one.
      flags: sealed?.has(variant.file.digest) === true ? [typing, encryptedPlan] : [typing],
      dlaCore: dlaCore ?? null,
      tensorrt: textOf(device.version),
      cudaDriver: textOf(device.driver),
      computeCapability: textOf(device.computeCapability),
      smCount: typeof device.smCount === 'number' ? device.smCount : 0,
      board: boardName() ?? textOf(device.device),
      pluginAbi: loadNative().features().abi,
    };
  }

  #plugin(): { readonly plugin: string; readonly deviceOptions: Readonly<Record<string, string>> } {
    const plugin = this.#options.plugin ?? pluginPath('tensorrt');
    if (plugin === undefined) {
      throw new MissingError(
        'engine-missing',
        'The plugin for tensorrt was not built on this machine.',
        `Run ${buildCommand()} and read what it says.`,
      );
    }
    const { deviceOptions = {}, dlaCore } = this.#options;
    const dla = dlaCore === undefined ? {} : { dla: String(dlaCore) };
    return { plugin, deviceOptions: { ...deviceOptions, ...dla } };
  }

  #tell(news: EngineBuildEvent): void {
    this.#options.onBuildEvent?.(news);
  }
}

/** Around Q and DQ nodes every layer would go to the GPU, without a word. */
function refuseOnDla({ name, version }: Manifest, { kind }: Variant): void {
  if (kind !== 'qdq-s8') return;
  throw new InputError(
    'dla-variant',
    `${name} ${version} would run as qdq-s8, and DLA cores take no network with Q and DQ nodes.`,
    'Set `variant` to fp16 and push a bundle that has it, or leave `dlaCore` out.',
  );
}

function nameOf({ manifest }: Bundle): string {
  return `${manifest.name} ${manifest.version}`;
}

function textOf(value: unknown): string {
  return value === undefined ? '' : String(value);
}

/** As the device tree of a board names it; undefined on a PC. */
function boardName(): string | undefined {
  return kernelText('/proc/device-tree/model')?.slice(0, 200);
}
