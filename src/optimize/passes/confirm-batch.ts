import { counted, floatsFromHalf } from '../../base/index.ts';
import { sizeOf } from '../onnx/tensor.ts';
import { dataTypes } from '../onnx/types.ts';
import type { GraphRunner, LoadedGraph, RunTensor, RunTensors } from '../runner.ts';
import type { StaticInput } from './inputs.ts';

const pictures = 4;
/** Of the largest number of a picture's output: kernels for several pictures add in another order, 8 bits round by it. */
const tolerance = 0.02;

/**
 * Runs drawn pictures one by one and four at once, and compares: what `freeBatch` concluded from the graph holds in the
 * engine too. `fixed` takes one picture, `free` any number. Gives the reason where it does not hold.
 */
export async function confirmBatch(
  fixed: Uint8Array,
  free: Uint8Array,
  inputs: readonly StaticInput[],
  runner: GraphRunner,
): Promise<string | undefined> {
  const opened: LoadedGraph[] = [];
  try {
    const before = await runner.load(fixed);
    opened.push(before);
    const after = await runner.load(free);
    opened.push(after);
    const together = (await after.run(drawn(inputs, 0, pictures))).outputs;
    for (let at = 0; at < pictures; at += 1) {
      const feed = drawn(inputs, at, 1);
      const alone = (await before.run(feed)).outputs;
      const reason =
        difference(alone, (await after.run(feed)).outputs, 0, 1) ?? difference(alone, together, at, pictures);
      if (reason !== undefined) return reason;
    }
    return undefined;
  } catch (error) {
    return `${counted(pictures, 'picture')} at once fail: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    for (const graph of opened) await graph.close();
  }
}

/** Why the picture at this place of `of` has another answer than alone. */
function difference(alone: RunTensors, several: RunTensors, at: number, of: number): string | undefined {
  for (const [name, one] of Object.entries(alone)) {
    const all = several[name];
    const size = one.data.length;
    if (all === undefined || all.dims[0] !== of || all.data.length !== of * size)
      return `the output ${name} of ${of} pictures is ${all?.dims.join('x') ?? 'not there'}`;
    const [first, second] = [numbersOf(one), numbersOf(all)];
    let most = 0;
    let apart = 0;
    for (let i = 0; i < size; i += 1) {
      const [a, b] = [Number(first[i]), Number(second[at * size + i])];
      if (!Number.isFinite(a) && !Number.isFinite(b)) continue;
      most = Math.max(most, Math.abs(a));
      // Not `>`: what is no number on one side alone is a difference.
      if (!(Math.abs(a - b) <= apart)) apart = Math.abs(a - b);
    }
    if (!(apart <= tolerance * most))
      return `the output ${name} of a picture is another one alone than among ${of} (${apart.toPrecision(2)} of ${most.toPrecision(2)})`;
  }
  return undefined;
}

function numbersOf({ data, dataType }: RunTensor): RunTensor['data'] {
  return dataType === dataTypes.float16 && data instanceof Uint16Array ? floatsFromHalf(data) : data;
}

/** `count` pictures from the `from`th on: noise, one and the same for a number. Some networks take 0..1, others 0..255. */
function drawn(inputs: readonly StaticInput[], from: number, count: number): RunTensors {
  return Object.fromEntries(
    inputs.map(({ name, dims: [, ...sides], dataType }): [string, RunTensor] => {
      const size = sizeOf(sides);
      const make =
        dataType === dataTypes.uint8
          ? Uint8Array
          : dataType === dataTypes.float16
            ? Uint16Array
            : Float32Array;
      const data = new make(count * size);
      for (let i = 0; i < data.length; i += 1) {
        const at = from + Math.floor(i / size);
        const noise = hash(at * 7919 + (i % size));
        if (dataType === dataTypes.uint8) data[i] = noise & 255;
        // Bits of halves from 0.5 up to 1.
        else if (dataType === dataTypes.float16) data[i] = 0x3800 + (noise & 1023);
        else data[i] = ((noise & 255) / 255) * (at % 2 === 0 ? 1 : 255);
      }
      return [name, { dataType, dims: [count, ...sides], data }];
    }),
  );
}

function hash(value: number): number {
  let state = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  state = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
  return (state ^ (state >>> 16)) >>> 0;
}
