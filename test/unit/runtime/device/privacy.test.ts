import { expect, it } from 'vitest';
import type { NodeSettings } from '../../../../src/perception/index.ts';
import { othersOf } from '../../../../src/runtime/device/privacy.ts';
import { identityOf } from '../../../fakes/fake-pipeline.ts';

const nodes: readonly NodeSettings[] = [
  { name: 'next', slot: 'next', role: 'shadow' },
  { name: 'detect' },
  { name: 'faces', slot: 'faces', every: 3, settings: { classes: ['face'] } },
  { name: 'plates', slot: 'plates', input: { node: 'detect' } },
  { name: 'gone', slot: 'gone', input: { node: 'detect' } },
];

it('Nodes beside the main one are those that serve, with what their models know and whether they work', () => {
  const pipeline = {
    settings: () => ({ nodes, iouThreshold: 0.5 }) as never,
    nodes: () => nodes.filter(({ name }) => name !== 'plates'),
    identities: () =>
      new Map(
        ['main', 'faces', 'plates', 'next'].map((slot) => [slot, { ...identityOf(slot), labels: [slot] }]),
      ),
  };
  expect(othersOf(pipeline, 'front')).toEqual([
    { node: 'faces', labels: ['faces'], classes: ['face'], iouThreshold: 0.5, frames: true, working: true },
    { node: 'plates', labels: ['plates'], classes: [], iouThreshold: 0.5, frames: false, working: false },
    { node: 'gone', labels: [], classes: [], iouThreshold: 0.5, frames: false, working: false },
  ]);
  expect(othersOf({ ...pipeline, settings: () => ({}) as never }, 'front')).toEqual([]);
  expect(othersOf(undefined, 'front')).toEqual([]);
});
