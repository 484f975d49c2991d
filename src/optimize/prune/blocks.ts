import { intAttribute } from '../onnx/attributes.ts';
import type { Graph } from '../onnx/graph.ts';
import { dimsOf, floatData } from '../onnx/tensor.ts';
import type { NodeProto } from '../onnx/types.ts';
import type { ChannelMap, Unit } from './channels.ts';

/** Units that occur in exactly the same values, so that any of them may stand for another: pruned to one count. */
export interface Block {
  /** First convolution that writes these channels. */
  readonly name: string;
  readonly units: readonly Unit[];
  /** Why nothing of it can go; undefined where it can be pruned. */
  readonly reason: string | undefined;
}

export function findBlocks(graph: Graph, map: ChannelMap): Block[] {
  const valuesOf = new Map<Unit, string[]>();
  for (const value of map.values()) {
    for (const unit of new Set(map.of(value))) {
      const list = valuesOf.get(unit);
      if (list === undefined) valuesOf.set(unit, [value]);
      else list.push(value);
    }
  }
  const blocks = new Map<string, Unit[]>();
  for (const [unit, values] of valuesOf) {
    // A unit that can't go must not hold back those beside it.
    const key = `${values.join('\n')}\n\n${map.reason(unit) ?? ''}`;
    const list = blocks.get(key);
    if (list === undefined) blocks.set(key, [unit]);
    else list.push(unit);
  }
  return [...blocks].flatMap(([key, units]) => {
    const conv = key
      .split('\n')
      .map((value) => graph.producer(value))
      .find((node) => node?.opType === 'Conv');
    const [first = 0] = units;
    return conv === undefined
      ? []
      : [{ name: conv.name || conv.output[0] || '', units, reason: map.reason(first) }];
  });
}

export type Importance = 'l1' | 'l2' | 'statistics';

/** Root mean square per channel of a value over the calibration pictures. */
export type ChannelEnergy = ReadonlyMap<string, Float64Array>;

/**
 * Score per unit. `l1`, `l2`: norm of the filters that write it (Li et al., "Pruning Filters for Efficient ConvNets",
 * ICLR 2017). `statistics`: what its readers get from it, the norm of their weights times the channel's energy.
 */
export function scoreUnits(
  graph: Graph,
  map: ChannelMap,
  importance: Importance,
  energy: ChannelEnergy = new Map(),
): Map<Unit, number> {
  const scores = new Map<Unit, number>();
  const add = (unit: Unit | undefined, score: number) => {
    if (unit !== undefined) scores.set(unit, (scores.get(unit) ?? 0) + score);
  };
  for (const node of graph.nodes) {
    const weight = node.opType === 'Conv' ? graph.initializer(node.input[1] ?? '') : undefined;
    if (weight === undefined) continue;
    const dims = dimsOf(weight);
    const data = floatData(weight);
    if (importance !== 'statistics') {
      const units = map.of(node.output[0] ?? '') ?? [];
      rowNorms(data, dims[0] ?? 1, importance).forEach((norm, c) => {
        add(units[c], norm);
      });
      continue;
    }
    const input = node.input[0] ?? '';
    const units = map.of(input) ?? [];
    const rms = energy.get(input);
    columnNorms(node, data, dims, units.length).forEach((norm, c) => {
      add(units[c], norm * (rms?.[c] ?? 1));
    });
  }
  return scores;
}

function rowNorms(data: Float32Array, rows: number, kind: 'l1' | 'l2'): number[] {
  const size = data.length / rows;
  return Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    for (let i = r * size; i < (r + 1) * size; i += 1) {
      const value = Math.abs(data[i]!);
      sum += kind === 'l1' ? value : value * value;
    }
    return kind === 'l1' ? sum / size : Math.sqrt(sum / size);
  });
}

/** Norm of the weights that read each input channel. */
function columnNorms(
  node: NodeProto,
  data: Float32Array,
  dims: readonly number[],
  inputs: number,
): Float64Array {
  const [outputs = 1, perGroup = 1] = dims;
  const kernel = data.length / (outputs * perGroup);
  const outputsPerGroup = outputs / intAttribute(node, 'group', 1);
  const sums = new Float64Array(inputs);
  for (let o = 0; o < outputs; o += 1) {
    const first = Math.floor(o / outputsPerGroup) * perGroup;
    for (let i = 0; i < perGroup; i += 1) {
      for (let k = 0; k < kernel; k += 1) {
        const value = data[(o * perGroup + i) * kernel + k]!;
        sums[first + i]! += value * value;
      }
    }
  }
  return sums.map(Math.sqrt);
}
