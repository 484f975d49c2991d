import { describe, expect, it } from 'vitest';
import { type DeviceDetail, type LatestMetric, policyWords } from '../../../src/api/index.ts';
import { agreementRows, slotRows } from '../../../src/dashboard/device/slots.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const model = { name: 'plate', version: '1.2.0', digest };
const detail = (desired: object | undefined, reported: object | undefined) =>
  ({ desired, reported }) as unknown as DeviceDetail;
const one = { deployment: { state: 'committed' }, role: 'serve', cameras: ['front'] };

describe('The slots of a device', () => {
  it('are not shown where there is main alone, by a version that somebody named', () => {
    expect(slotRows(detail(undefined, undefined))).toEqual([]);
    expect(slotRows(detail({ slots: { main: { model } } }, { slots: { main: one } }))).toEqual([]);
    const main = { model: { ...model, policy: { follows: 'latest' } } };
    expect(slotRows(detail({ slots: { main } }, undefined))).toHaveLength(1);
  });

  it('show the wanted beside the current model, main first', () => {
    const policy = { follows: 'range', range: '^1.2' };
    const rows = slotRows(
      detail(
        { slots: { plate: { model: { ...model, policy } } } },
        {
          slots: {
            old: one,
            plate: { ...one, loaded: { ...model, version: '1.1.0' } },
            main: { ...one, loaded: { name: 'street', version: '2' } },
          },
        },
      ),
    );
    expect(
      rows.map(({ slot, wanted, policy: words, loaded, leaving }) => [slot, wanted, words, loaded, leaving]),
    ).toEqual([
      ['main', undefined, 'this version', 'street 2', false],
      ['plate', 'plate 1.2.0', '^1.2', 'plate 1.1.0', false],
      ['old', undefined, 'this version', undefined, true],
    ]);
  });

  it('say how their version was chosen', () => {
    expect(policyWords({ follows: 'latest', pinned: true })).toBe('latest, pinned');
    expect(policyWords({ follows: 'digest', pinned: true })).toBe('this version, pinned');
  });

  it('of a shadow show how far it agrees, once it has seen frames', () => {
    const metric = (name: string, value: number, camera = 'front') =>
      ({ name, labels: { camera, slot: 'next' }, value }) as unknown as LatestMetric;
    const rows = agreementRows([
      metric('goshawk_shadow_frames', 40),
      metric('goshawk_shadow_disagreements', 4),
      metric('goshawk_shadow_precision', 0.9),
      metric('goshawk_shadow_recall', 0.8),
      metric('goshawk_shadow_score_difference', -0.1),
      metric('goshawk_shadow_frames', 0, 'rear'),
      metric('goshawk_shadow_precision', 1, 'rear'),
    ]);
    expect(rows).toEqual([
      {
        ...{ slot: 'next', camera: 'front', frames: 40, disagreements: 4 },
        ...{ precision: 0.9, recall: 0.8, classFlips: 0, scoreDifference: -0.1 },
      },
    ]);
  });
});
