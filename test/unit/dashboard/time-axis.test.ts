import { describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../../src/api/index.ts';
import { isMarked, marksOf } from '../../../src/dashboard/device/marks.ts';
import { tickWords } from '../../../src/dashboard/ui/time-axis.ts';

const at = (day: number, hour = 0, minute = 0) => new Date(2026, 10, day, hour, minute).getTime() / 1000;

describe('tickWords', () => {
  it.each([
    ['minutes', [at(29, 23, 55), at(30), at(30, 0, 5)], ['23:55', '00:00', '00:05']],
    ['hours over midnight', [at(29, 18), at(30), at(30, 6)], ['18:00', '30 Nov', '06:00']],
    ['days', [at(28), at(29), at(30)], ['28 Nov', '29 Nov', '30 Nov']],
    ['half days', [at(28), at(28, 12), at(29)], ['28 Nov', '12:00', '29 Nov']],
    ['nothing', [], []],
  ])('names %s', (_, ticks, words) => {
    expect(tickWords(ticks)).toEqual(words);
  });
});

describe('marksOf', () => {
  const event = (id: string, timeMs: number, severity: FleetEvent['severity']): FleetEvent => ({
    ...{ id, timeMs, severity, seq: 1, device: 'cam-1', receivedMs: timeMs, kind: 'model.swapped' },
    message: id,
  });

  it('marks each event of the span once, in order, by what it says', () => {
    const events = [
      ...[event('c', 30, 'error'), event('a', 10, 'info'), event('b', 20, 'warning')],
      ...[event('b', 20, 'warning'), event('before', 1, 'info'), event('after', 99, 'info')],
    ];
    expect(marksOf(events, 5, 50)).toEqual([
      { timeMs: 10, text: 'a', tone: 'accent' },
      { timeMs: 20, text: 'b', tone: 'warning' },
      { timeMs: 30, text: 'c', tone: 'error' },
    ]);
  });

  it('marks what concerns the camera, or the whole device', () => {
    const events = [
      { ...event('front', 10, 'info'), camera: 'front' },
      { ...event('rear', 20, 'info'), camera: 'rear' },
      event('device', 30, 'info'),
    ];
    const texts = (camera?: string) => marksOf(events, 0, 50, camera).map(({ text }) => text);
    expect(texts('front')).toEqual(['front', 'device']);
    expect(texts()).toEqual(['front', 'rear', 'device']);
  });

  it.each([
    ['model.swapped', 'info', true],
    ['camera.filter-changed', 'info', true],
    ['drift.alarm', 'info', true],
    ['camera.lost', 'error', true],
    ['modelled', 'info', false],
    ['clip.recorded', 'info', false],
  ] as const)('marks %s with severity %s: %s', (kind, severity, marked) => {
    expect(isMarked({ ...event('e', 1, severity), kind })).toBe(marked);
  });
});
