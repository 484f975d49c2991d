import type { Graph } from '../onnx/graph.ts';
import { dimsOf, floatData } from '../onnx/tensor.ts';
import type { ChannelMap } from './channels.ts';
import { strides, type WeightedLayer, weightedLayer } from './layers.ts';
import type { Unit } from './units.ts';

/** Units that occur in exactly the same values, so that any of them may stand for another: pruned to one count. */
export interface Block {
  /** First layer that writes these channels. */
  readonly name: string;
  readonly units: readonly Unit[];
  /** Why nothing of it can go; undefined where it can be pruned. */
  readonly reason: string | undefined;
}

export function findBlocks(graph: Graph, map: ChannelMap): Block[] {
  const places = map.axes();
  const placesOf = new Map<Unit, number[]>();
  places.forEach(({ value, axis }, place) => {
    for (const unit of new Set(map.of(value, axis))) {
      const list = placesOf.get(unit);
      if (list === undefined) placesOf.set(unit, [place]);
      else list.push(place);
    }
  });
  const blocks = new Map<string, { readonly places: readonly number[]; readonly units: Unit[] }>();
  for (const [unit, found] of placesOf) {
    // A unit that can't go must not hold back those beside it.
    const key = `${found.join()} ${map.reason(unit) ?? ''}`;
    const block = blocks.get(key) ?? { places: found, units: [] };
    block.units.push(unit);
    blocks.set(key, block);
  }
  return [...blocks.values()].flatMap(({ places: found, units }) => {
    const layer = found
      .map((place) => graph.producer(places[place]?.value ?? ''))
      .find((node) => node !== undefined && weightedLayer(graph, node) !== undefined);
    const [first = 0] = units;
    return layer === undefined
      ? []
      : [{ name: layer.name || layer.output[0] || '', units, reason: map.reason(first) }];
  });
}

export type Importance = 'l1' | 'l2' | 'statistics';

/** Root mean square per channel of a value over the calibration pictures. */
export type ChannelEnergy = ReadonlyMap<string, Float64Array>;

/**
 * Score per unit. `l1`, `l2`: norm of the filters that write it (Li et al., "Pruning Filters for Efficient ConvNets",
 * ICLR 2017). `statistics`: what its readers get from it, the norm of their weights times the channel's energy; units that
 * no weights read (queries and keys of an attention) are ranked by their filters.
 */
export function scoreUnits(
  graph: Graph,
  map: ChannelMap,
  importance: Importance,
  energy: ChannelEnergy = new Map(),
): Map<Unit, number> {
  const layers = graph.nodes.flatMap((node) => weightedLayer(graph, node) ?? []);
  const written = new Map<Unit, number>();
  const read = new Map<Unit, number>();
  const add = (scores: Map<Unit, number>, unit: Unit | undefined, score: number) => {
    if (unit !== undefined) scores.set(unit, (scores.get(unit) ?? 0) + score);
  };
  for (const layer of layers) {
    const [input = ''] = layer.node.input;
    const outputs = map.of(layer.node.output[0] ?? '', layer.channelAxis) ?? [];
    filterNorms(layer, importance === 'l1' ? 'l1' : 'l2').forEach((norm, c) => {
      add(written, outputs[c], norm);
    });
    if (importance !== 'statistics') continue;
    const inputs = map.of(input, layer.channelAxis) ?? [];
    readNorms(layer, inputs.length).forEach((norm, c) => {
      add(read, inputs[c], norm * (energy.get(input)?.[c] ?? 1));
    });
  }
  return new Map([...written, ...read]);
}

/** Norm of the weights that write each output channel. */
function filterNorms({ weight, outputAxis }: WeightedLayer, kind: 'l1' | 'l2'): Float64Array {
  const data = floatData(weight);
  const { size, inner } = strides(dimsOf(weight), outputAxis);
  const sums = new Float64Array(size);
  data.forEach((value, i) => {
    sums[Math.floor(i / inner) % size]! += kind === 'l1' ? Math.abs(value) : value * value;
  });
  const count = data.length / size;
  return sums.map((sum) => (kind === 'l1' ? sum / count : Math.sqrt(sum / count)));
}

/** Norm of the weights that read each input channel. */
function readNorms(layer: WeightedLayer, inputs: number): Float64Array {
  const { weight, groups, inputAxis, outputAxis } = layer;
  const dims = dimsOf(weight);
  const along = strides(dims, inputAxis);
  const across = strides(dims, outputAxis);
  const outputsPerGroup = across.size / groups;
  const sums = new Float64Array(inputs);
  floatData(weight).forEach((value, i) => {
    const output = Math.floor(i / across.inner) % across.size;
    const place = Math.floor(i / along.inner) % along.size;
    const channel = Math.floor(output / outputsPerGroup) * along.size + place;
    if (channel < inputs) sums[channel]! += value * value;
  });
  return sums.map(Math.sqrt);
}
