import { describe, expect, it } from 'vitest';
import { detectionTail, findLayers } from '../../../../src/optimize/quantize/layers.ts';
import { place } from '../../../../src/optimize/quantize/placement.ts';
import { GraphBuilder } from '../graphs.ts';

function network() {
  const b = new GraphBuilder([1, 8, 8, 8]);
  const first = b.silu(b.conv('x', 8, 3));
  const [pooled = ''] = b.node('MaxPool', [first], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  const second = b.relu(b.conv(b.concat([first, pooled]), 8));
  const last = b.conv(second, 4);
  const [scores = ''] = b.node('Sigmoid', [last]);
  return { b, first, pooled, second, last, scores, graph: b.output(scores) };
}

describe('where integers flow', () => {
  it('finds a convolution with its activation as one layer', () => {
    const { graph } = network();
    expect(findLayers(graph).map((layer) => layer.activation)).toEqual(['silu', 'relu', 'none']);
  });

  it('leaves the arithmetic behind the last convolution in float', () => {
    const { graph, scores } = network();
    const tail = detectionTail(graph);
    expect([...tail].map((node) => node.output[0])).toEqual([scores]);
    const layers = findLayers(graph);
    const { points } = place(graph, layers, new Set(layers.map((layer) => layer.id)), 'qdq-u8');
    expect(points.has(scores)).toBe(false);
  });

  it('shares the scale of an input with what only moves it', () => {
    const { graph, first, pooled } = network();
    const layers = findLayers(graph);
    const { points } = place(graph, layers, new Set(layers.map((layer) => layer.id)), 'qdq-u8');
    expect(points.get(pooled)).toBe(first);
  });

  it('rounds nothing between a convolution and its Relu', () => {
    const { graph, second } = network();
    const layers = findLayers(graph);
    const { points } = place(graph, layers, new Set(layers.map((layer) => layer.id)), 'qdq-u8');
    expect(points.has(layers[1]?.operator.output[0] ?? '')).toBe(false);
    expect(points.has(second)).toBe(true);
  });

  it('quantizes nothing where every layer stays in float', () => {
    const { graph } = network();
    const { points, integer } = place(graph, findLayers(graph), new Set(), 'qdq-u8');
    expect(points.size + integer.size).toBe(0);
  });

  it('runs what feeds an integer layer on integers, and what feeds only float ones in float', () => {
    const { graph, first } = network();
    const layers = findLayers(graph);
    const second = place(graph, layers, new Set([layers[1]?.id ?? '']), 'qdq-u8');
    expect(second.points.has(first)).toBe(true);
    const third = place(graph, layers, new Set([layers[2]?.id ?? '']), 'qdq-u8');
    expect(third.points.has(first)).toBe(false);
  });
});
