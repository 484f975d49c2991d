/** One layer of a compiled engine. */
export interface EngineLayer {
  readonly name: string;
  readonly type: string;
  /** What it computes in, by its first input: `fp32`, `fp16`, `bf16`, `fp8`, `int8`, `int4`, `int32`, `int64`, `bool`; or `unknown`. */
  readonly precision: string;
  /** Of its first output: where it differs the layer converts. */
  readonly outputPrecision: string;
}

export interface EngineLayers {
  readonly layers: readonly EngineLayer[];
  /** The precisions that arithmetic runs in, most layers first: `int8+fp16`; empty where the engine does not say. */
  readonly precision: string;
}

/*
 * TensorRT writes a tensor's type into `Format/Datatype` as a word of its own ("Half", from 10 on) or inside a sentence
 * ("Row major linear FP16 format", before). Order matters: BFLOAT16 holds FLOAT.
 */
const words: readonly (readonly [RegExp, string])[] = [
  [/BFLOAT16|BF16/, 'bf16'],
  [/FP8|FLOAT8/, 'fp8'],
  [/FP16|FLOAT16|HALF/, 'fp16'],
  [/FP32|FLOAT/, 'fp32'],
  [/INT8/, 'int8'],
  [/INT4/, 'int4'],
  [/INT32/, 'int32'],
  [/INT64/, 'int64'],
  [/BOOL/, 'bool'],
];

/**
 * The layers of an engine in one shape, whatever version of TensorRT described them. `description` is the JSON text of
 * `NativeDetector.engineDescription`; engines that tell no layers give none.
 */
export function engineLayers(description: string): EngineLayers {
  const layers = layersOf(description).map(layerOf);
  const counts = new Map<string, number>();
  for (const { precision } of layers) {
    if (/^(fp|bf|int8|int4)/.test(precision)) counts.set(precision, (counts.get(precision) ?? 0) + 1);
  }
  const precision = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name]) => name)
    .join('+');
  return { layers, precision };
}

function layersOf(description: string): readonly unknown[] {
  try {
    const { inspector } = JSON.parse(description) as { inspector?: { Layers?: unknown } };
    return Array.isArray(inspector?.Layers) ? inspector.Layers : [];
  } catch {
    return [];
  }
}

function layerOf(raw: unknown): EngineLayer {
  // Without detailed verbosity a layer is only its name.
  if (typeof raw !== 'object' || raw === null) {
    return { name: String(raw), type: 'unknown', precision: 'unknown', outputPrecision: 'unknown' };
  }
  const layer = raw as Readonly<Record<string, unknown>>;
  return {
    name: typeof layer.Name === 'string' ? layer.Name : 'unknown',
    type: typeof layer.LayerType === 'string' ? layer.LayerType : 'unknown',
    precision: precisionOfFirst(layer.Inputs),
    outputPrecision: precisionOfFirst(layer.Outputs),
  };
}

function precisionOfFirst(tensors: unknown): string {
  const [first] = Array.isArray(tensors) ? (tensors as readonly unknown[]) : [];
  if (typeof first !== 'object' || first === null) return 'unknown';
  const { 'Format/Datatype': both, Datatype: alone } = first as Readonly<Record<string, unknown>>;
  const text = String(alone ?? both ?? '').toUpperCase();
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? 'unknown';
}
