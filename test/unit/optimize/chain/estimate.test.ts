import { describe, expect, it } from 'vitest';
import { estimateTime } from '../../../../src/optimize/chain/estimate.ts';
import type { ChainSettings } from '../../../../src/optimize/index.ts';
import { defaultPruneSettings } from '../../../../src/optimize/prune/prune.ts';

const settings: ChainSettings = {
  ...{ prune: undefined, method: 'auto', variants: ['fp16', 'qdq-u8', 'qdq-s8'], maxDrop: 0.01 },
  ...{ weightLimit: 127, searchMs: 600_000, latencyRounds: 40, force: false },
};
const facts = { calibration: 64, evaluation: 100, runMs: 60, isBased: false };

describe('The estimate of an optimization', () => {
  it('counts runs of the network', () => {
    // Calibration: 64 pictures, three times as long; the float model twice; three methods for each of two forms.
    // Five models: 100 pictures, 40 rounds, 35 more.
    const runs = 64 * (3 + 1 + 2 * 3) + 5 * (100 + 40 + 35) + 64;
    expect(estimateTime(settings, facts)).toEqual({ minutes: (runs * 60) / 60_000, searchMinutes: 20 });
  });

  it.each<[string, Partial<ChainSettings>, number]>([
    ['float variants alone', { variants: ['fp16'] }, 0],
    ['one form', { variants: ['qdq-u8'] }, 10],
  ])('of %s has its own search', (_what, changes, searchMinutes) => {
    const estimate = estimateTime({ ...settings, ...changes }, facts);
    expect(estimate.searchMinutes).toBe(searchMinutes);
    expect(estimate.minutes).toBeLessThan(estimateTime(settings, facts).minutes);
  });

  it('counts the pictures of a refit twice in each round', () => {
    const minutesOf = (prune: ChainSettings['prune']) => estimateTime({ ...settings, prune }, facts).minutes;
    const more = (prune: ChainSettings['prune']) => minutesOf(prune) - minutesOf(undefined);
    expect(more({ ...defaultPruneSettings, refit: false })).toBeCloseTo((100 * 60) / 60_000);
    expect(more({ ...defaultPruneSettings, rounds: 3 })).toBeCloseTo(((100 + 3 * 2 * 3 * 64) * 60) / 60_000);
    expect(more({ ...defaultPruneSettings, refit: false, importance: 'statistics' })).toBeCloseTo(
      ((100 + 3 * 64) * 60) / 60_000,
    );
  });

  it('is less where the ranges are named, and more beside a base', () => {
    const { minutes } = estimateTime(settings, facts);
    expect(estimateTime({ ...settings, method: 'mse' }, facts).minutes).toBeLessThan(minutes);
    expect(estimateTime(settings, { ...facts, isBased: true }).minutes).toBeGreaterThan(minutes);
  });
});
