import { describe, expect, it } from 'vitest';
import { type OptimizeOptions, settingsOf } from '../../../../src/workbench/optimize/options.ts';

const options: OptimizeOptions = {
  ...{ decoder: 'yolox', labels: 'labels.txt', calibration: 'c', evaluation: 'e', out: 'o' },
  ...{
    pruneScope: 'layer',
    importance: 'l1',
    rounds: 3,
    refit: true,
    method: 'entropy',
    variants: ['qdq-s8'],
  },
  ...{ maxDrop: 1.5, searchMinutes: 2, modelVersion: '1.0.0', licence: 'MIT' },
};

describe('The settings of an optimization', () => {
  it('prune nothing where no share is named, or none', () => {
    expect(settingsOf(options).prune).toBeUndefined();
    expect(settingsOf({ ...options, prune: 0 }).prune).toBeUndefined();
  });

  it('prune the share that is named, as it was asked for', () => {
    expect(settingsOf({ ...options, prune: 0.3 }).prune).toMatchObject({
      ...{ importance: 'l1', rounds: 3, refit: true },
      options: { ratio: 0.3, scope: 'layer' },
    });
  });

  it('take the drop in percent as a share, and the smaller range of weights where it is asked for', () => {
    expect(settingsOf(options)).toMatchObject({
      ...{ maxDrop: 0.015, weightLimit: 127, force: false, method: 'entropy', variants: ['qdq-s8'] },
      searchMs: 120_000,
    });
    expect(settingsOf({ ...options, reduceRange: true, force: true })).toMatchObject({
      weightLimit: 63,
      force: true,
    });
  });
});
