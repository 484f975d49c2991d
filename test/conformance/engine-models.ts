import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildPlan, onnxruntimeLibrary } from '../../device/native/index.ts';
import {
  type CreateDetector,
  type DetectorHandle,
  type EngineHandle,
  isolation,
  loadNative,
  type NativeImage,
  type NativeSettings,
  pluginPath,
} from '../../native/index.ts';
import { headOf } from '../fixtures/head.ts';

/** The same small models for every engine: a kind of model by name, made in a folder of its own. */
export interface EngineUnderTest {
  readonly name: 'reference' | 'onnxruntime' | 'tensorrt';
  readonly deviceOptions: Readonly<Record<string, string>>;
  /** In a process of its own. */
  readonly isolated?: true;
  /** `fixed`, `half`, `dynamic`, `batch` (free number of frames), `slow`, `mean` (of the reference: every pixel counts), `torn` (cut off), `foreign` (no model at all). */
  model(kind: string): string | Promise<string>;
}

const fixtures = path.join(import.meta.dirname, '../fixtures/native');

const tensors: Readonly<Record<string, string>> = {
  fixed: 'input images float32 1 3 64 64\noutput output float32 1 4 7',
  slow: 'input images float32 1 3 64 64\noutput output float32 1 4 7',
  half: 'input images float16 1 3 64 64\noutput output float32 1 4 7',
  batch: 'input images float32 -1 3 64 64\noutput output float32 -1 4 7',
  dynamic: 'input images float32 -1 3 -1 -1\noutput output float32 1 -1 7',
};

/** See the head of native/plugins/reference/reference_engine.cc. */
export function referenceModel(kind: string, board = 'any'): string {
  const text = [
    'goshawk-reference 1',
    `board ${board}`,
    ...(kind === 'slow' ? ['slow 300'] : []),
    ...(kind === 'mean' ? ['mean'] : []),
    tensors[kind] ?? tensors.fixed,
    'values 20 32 10 10 0.9 1 0 40 10 8 6 0.8 0 1',
    'end',
    '',
  ].join('\n');
  return kind === 'torn' ? text.slice(0, -20) : text;
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'goshawk-conformance-'));
}

export const referenceEngine: { model(kind: string): string } & EngineUnderTest = {
  name: 'reference',
  deviceOptions: {},
  model(kind) {
    const file = path.join(temporaryFolder(), `${kind}.txt`);
    writeFileSync(file, kind === 'foreign' ? 'This is no model.' : referenceModel(kind));
    return file;
  },
};

export const onnxruntimeEngine: { model(kind: string): string } & EngineUnderTest = {
  name: 'onnxruntime',
  deviceOptions: { library: onnxruntimeLibrary() ?? '' },
  model(kind) {
    const file = path.join(temporaryFolder(), `${kind}.onnx`);
    if (kind === 'foreign') writeFileSync(file, 'This is no model.');
    else if (kind === 'torn')
      writeFileSync(file, readFileSync(path.join(fixtures, 'fixed.onnx')).subarray(0, 300));
    else copyFileSync(path.join(fixtures, `${kind}.onnx`), file);
    return file;
  },
};

/** On a device that has it: every model is a plan that is built first, from the same ONNX files. */
export const tensorrtEngine: EngineUnderTest = {
  name: 'tensorrt',
  deviceOptions: {},
  async model(kind) {
    const plan = path.join(temporaryFolder(), `${kind}.plan`);
    if (kind === 'foreign') {
      writeFileSync(plan, 'This is no model.');
      return plan;
    }
    const torn = kind === 'torn';
    await buildPlan({
      plugin: pluginPath('tensorrt') ?? '',
      deviceOptions: {},
      engineOptions: { 'shape.images': `1x3x64x64,1x3x64x64,${kind === 'batch' ? 4 : 1}x3x64x64` },
      onnx: path.join(fixtures, `${torn ? 'fixed' : kind}.onnx`),
      plan,
      timingCache: path.join(tmpdir(), 'goshawk-conformance-timing.cache'),
      workspaces: [256 * 2 ** 20],
    });
    if (torn) writeFileSync(plan, readFileSync(plan).subarray(0, 300));
    return plan;
  },
};

/** The same engine in a process of its own. */
export function inOwnProcess<E extends EngineUnderTest>(engine: E): E & { readonly isolated: true } {
  return { ...engine, isolated: true };
}

export function nameOf(engine: EngineUnderTest): string {
  return engine.isolated ? `${engine.name} in a process of its own` : engine.name;
}

export const settings: NativeSettings = {
  scoreThreshold: 0.5,
  iouThreshold: 0.45,
  maxDetections: 10,
  maxCandidates: 1000,
  multiLabel: false,
};

export function spec(change: Partial<CreateDetector> = {}): CreateDetector {
  return {
    input: {
      tensor: 'images',
      width: 64,
      height: 64,
      layout: 'nchw',
      dtype: 'float32',
      colorOrder: 'rgb',
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
      fit: 'stretch',
      pad: 0,
    },
    head: headOf('yolov5', 2),
    classCount: 2,
    slots: 1,
    queue: 2,
    timeoutMs: 5000,
    closeTimeoutMs: 4000,
    devicePreprocess: false,
    warmUp: true,
    ...change,
  };
}

/** 64x64 pixels of one grey level; every model moves its first box right by that many pixels. */
export function grey(level: number): NativeImage {
  return { data: new Uint8Array(64 * 64).fill(level), width: 64, height: 64, step: 64, encoding: 'mono8' };
}

/** Left edge of the box of class 0 for a picture of this level, after clipping to 64 pixels. */
export function expectedLeft(level: number): number {
  return 15 + level;
}

export async function openEngine(
  engine: EngineUnderTest,
  kind: string,
  faults: Readonly<Record<string, string>> = {},
): Promise<EngineHandle> {
  const plugin = pluginPath(engine.name) ?? '';
  const { plugin: isolated = '', host = '' } = isolation() ?? {};
  const isolate = { 'isolate.plugin': plugin, 'isolate.host': host, 'isolate.kill_ms': '300' };
  return loadNative().openEngine({
    plugin: engine.isolated ? isolated : plugin,
    deviceOptions: { ...engine.deviceOptions, ...(engine.isolated ? isolate : {}), ...faults },
    model: await engine.model(kind),
    engineOptions: { intra_op_threads: '1' },
  });
}

export async function openDetector(
  engine: EngineUnderTest,
  kind: string,
  change: Partial<CreateDetector> = {},
  faults: Readonly<Record<string, string>> = {},
): Promise<DetectorHandle> {
  const native = loadNative();
  const handle = await openEngine(engine, kind, faults);
  try {
    return await native.createDetector(handle, spec(change));
  } finally {
    native.closeEngine(handle);
  }
}

/** Left edge of the first box that a picture of this level gives. */
export async function leftEdge(detector: DetectorHandle, level: number): Promise<number> {
  const { detections } = await loadNative().detect(detector, grey(level), settings).result;
  return detections[2] ?? Number.NaN;
}
