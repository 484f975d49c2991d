import { describe, expect, it } from 'vitest';
import type { FrameReview, ModelInfo } from '../../../src/api/index.ts';
import { fitsFilter, readFilter } from '../../../src/dashboard/data/filter.ts';
import { comparedRows } from '../../../src/dashboard/models/compare.ts';
import { sitesOf } from '../../../src/dashboard/settings/sites.ts';

type Variant = ModelInfo['variants'][number];

function model(labels: string[], variants: Variant[]): ModelInfo {
  return {
    ...{ name: 'street', version: '1', digest: 'sha256:1', task: 'detect', licence: '', labels, variants },
    ...{ sizeBytes: 1000, uploadedMs: 0, complete: true, missing: [], devices: 0 },
  };
}

describe('Two models side by side', () => {
  const rowsOf = (left: ModelInfo, right: ModelInfo) =>
    new Map(comparedRows(left, right).map((row) => [row.what, row]));

  it('say which labels came and went, and what is smaller', () => {
    const rows = rowsOf(
      model(['car', 'bus'], [{ kind: 'fp32', sizeBytes: 1000 }]),
      model(['car', 'van'], [{ kind: 'fp32', sizeBytes: 400 }]),
    );
    expect(rows.get('Labels')?.difference).toBe('+van, -bus');
    expect(rows.get('fp32: size')).toMatchObject({ difference: '-60 %', tone: 'ok' });
    expect(rows.get('fp32: mAP')?.difference).toBe('–');
  });

  it.each([
    [0.4, 'val', 0.42, 'val', { difference: '+2.0 points', tone: 'ok' }],
    [0.4, 'val', 0.35, 'val', { difference: '-5.0 points', tone: 'error' }],
    [0.4, 'val', 0.42, 'night', { difference: 'other data' }],
  ] as const)('compare mAP %d on %s with %d on %s', (a, dataA, b, dataB, expected) => {
    const rows = rowsOf(
      model([], [{ kind: 'int8', sizeBytes: 1, map: a, dataset: dataA }]),
      model([], [{ kind: 'int8', sizeBytes: 1, map: b, dataset: dataB }]),
    );
    expect(rows.get('int8: mAP')).toMatchObject(expected);
  });
});

describe('Kept frames', () => {
  const accepted: FrameReview = { verdict: 'accepted', by: 'ann', timeMs: 0 };
  it.each([
    [{}, true],
    [{ reason: 'alarm' }, true],
    [{ reason: 'random' }, false],
    [{ review: 'accepted' }, true],
    [{ review: 'rejected' }, false],
    [{ review: 'open' }, false],
    [{ review: 'whatever' }, true],
  ] as const)('of an alarm that was accepted, with the filter %j: %j', (query, shown) => {
    const filter = readFilter(new Map(Object.entries(query)));
    expect(fitsFilter({ id: '1-0', reason: 'alarm' }, filter, { '1-0': accepted })).toBe(shown);
  });
});

describe('Sites', () => {
  it('are the values of the label site, by name as a person counts', () => {
    const devices = [
      { device: 'a', labels: { site: 'hall 10' } },
      { device: 'b', labels: { site: 'hall 9' } },
      { device: 'c', labels: { site: 'hall 10' } },
      { device: 'd', labels: { ring: 'canary' } },
    ];
    expect(sitesOf({ devices })).toEqual([
      { name: 'hall 9', devices: ['b'] },
      { name: 'hall 10', devices: ['a', 'c'] },
    ]);
  });
});
