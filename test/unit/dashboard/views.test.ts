import { describe, expect, it } from 'vitest';
import type { DeviceDetail, FleetEvent } from '../../../src/api/index.ts';
import { mergeEvents } from '../../../src/dashboard/activity/merge.ts';
import { failureOf } from '../../../src/dashboard/api/failure.ts';
import { asksFirst, readArrival } from '../../../src/dashboard/api/token.ts';
import {
  changedFields,
  settingsInForce,
  withoutWanted,
  withPipeline,
} from '../../../src/dashboard/device/settings.ts';
import { History } from '../../../src/dashboard/state/history.ts';
import { formatRoute, parseRoute } from '../../../src/dashboard/state/route.ts';
import { colorOf, placeBoxes } from '../../../src/dashboard/ui/draw-boxes.ts';
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatLatency,
  formatNumber,
} from '../../../src/dashboard/ui/format.ts';

describe('The token in the address', () => {
  it('is taken out, and the rest of the address stays', () => {
    expect(readArrival('#token=abc')).toEqual({ token: 'abc', fragment: '#/' });
    expect(readArrival('#token=a%2Bb&to=/devices/cam-7')).toEqual({
      token: 'a+b',
      fragment: '#/devices/cam-7',
    });
  });

  it('is not mistaken for a page, and cannot lead to another site', () => {
    expect(readArrival('#/devices/token=x')).toEqual({ token: undefined, fragment: '#/devices/token=x' });
    expect(readArrival('#token=a&to=https://evil.example').fragment).toBe('#/');
    expect(readArrival('#token=').token).toBeUndefined();
  });

  it.each([
    [undefined, '#token=a', false],
    ['a', '#token=a', false],
    ['a', '#token=b', true],
    ['a', '#/drift', false],
  ])('with the session %s and the address %s asks first: %s', (session, address, asks) => {
    expect(asksFirst(session, readArrival(address))).toBe(asks);
  });
});

describe('A route', () => {
  it('keeps ids with special characters', () => {
    const fragment = formatRoute(['devices', 'a/b %?#'], { group: 'x&y', none: undefined });
    const route = parseRoute(fragment);
    expect(route.path).toEqual(['devices', 'a/b %?#']);
    expect([...route.query]).toEqual([['group', 'x&y']]);
  });

  it('survives a broken percent sign', () => {
    expect(parseRoute('#/devices/%E0%A4%A').path).toEqual(['devices', '%E0%A4%A']);
  });
});

describe('Numbers for people', () => {
  it('have units and three digits, and a dash where nothing is known', () => {
    expect([formatLatency(8.126), formatLatency(41.26), formatLatency(412.6), formatLatency(12_600)]).toEqual(
      ['8.13 ms', '41.3 ms', '413 ms', '12.6 s'],
    );
    expect([formatNumber(undefined), formatLatency(Number.NaN), formatBytes(undefined)]).toEqual([
      '–',
      '–',
      '–',
    ]);
    expect(formatBytes(3_450_000)).toBe('3.45 MB');
    expect(formatNumber(1_234_567)).toBe('1\u202f234\u202f567');
  });

  it('give ages that never lie in the future', () => {
    expect(formatAgo(5000, 1000)).toBe('just now');
    expect(formatAgo(undefined, 1000)).toBe('never');
    expect(formatDuration(2 * 3_600_000 + 300_000)).toBe('2 h 5 min');
  });
});

describe('History', () => {
  it('keeps one value per period, the newest of each', () => {
    const history = new History(3, 1000);
    [0, 400, 1000, 2000, 3000].forEach((time, value) => {
      history.add('a', time, value);
    });
    expect(history.values('a')).toEqual([2, 3, 4]);
  });

  it('shows a long silence as a gap', () => {
    const history = new History(10, 1000);
    history.add('a', 0, 1);
    history.add('a', 6000, 2);
    expect(history.values('a')).toEqual([1, null, null, null, null, null, 2]);
  });
});

describe('Events of the stream and of the list', () => {
  const event = (seq: number, part: Partial<FleetEvent> = {}): FleetEvent => ({
    seq,
    id: `e${seq}`,
    device: 'd',
    timeMs: 0,
    receivedMs: 0,
    kind: 'camera.lost',
    severity: 'warning',
    message: '',
    ...part,
  });

  it('stand once each, newest first, and only those that fit', () => {
    const live = [event(3), event(4, { severity: 'info' }), event(5, { kind: 'cameras.other' })];
    const merged = mergeEvents([event(2), event(3)], live, {
      severity: 'warning',
      kind: 'camera',
      device: '',
    });
    expect(merged.map((one) => one.seq)).toEqual([3, 2]);
  });
});

describe('Pipeline settings', () => {
  const detail = {
    settings: {
      slots: { main: { model: { name: 'm', version: '1', digest: 'sha256:aa' } } },
      pipelines: { front: { iouThreshold: 0.5 } },
    },
    desired: {
      generation: 1,
      timeMs: 0,
      pipelines: { '*': { scoreThreshold: 0.4 }, front: { iouThreshold: 0.5 } },
    },
    reported: { pipelines: { front: { scoreThreshold: 0.3 } } },
  } as unknown as DeviceDetail;

  it('are those that the device reports, otherwise the ordered ones, otherwise the defaults', () => {
    expect(settingsInForce(detail, 'front')).toMatchObject({
      scoreThreshold: 0.3,
      iouThreshold: 0.5,
      maxDetections: 300,
    });
  });

  it('are sent as the changed fields alone, beside every setting that was there', () => {
    const inForce = settingsInForce(detail, 'front');
    const changed = changedFields({ ...inForce, scoreThreshold: 0.6 }, inForce);
    expect(changed).toEqual({ scoreThreshold: 0.6 });
    expect(withPipeline(detail.settings, 'front', changed ?? {})).toEqual({
      slots: detail.settings.slots,
      pipelines: { front: { iouThreshold: 0.5, scoreThreshold: 0.6 } },
    });
    expect(changedFields(inForce, inForce)).toBeUndefined();
  });

  it('are taken out first where they are wanted already, and the device was told otherwise on site', () => {
    const front = { enabled: false, classes: ['car'], iouThreshold: 0.5 };
    const settings = { ...detail.settings, pipelines: { front, rear: { enabled: false } } };
    expect(withoutWanted(settings, 'front', { enabled: true, scoreThreshold: 0.6 })).toBeUndefined();
    expect(withoutWanted(settings, 'front', { enabled: false, classes: ['car'], iouThreshold: 0.6 })).toEqual(
      {
        ...settings,
        pipelines: { front: { iouThreshold: 0.5 }, rear: { enabled: false } },
      },
    );
  });
});

describe('Boxes', () => {
  it('scale from pixels of the frame to pixels of the canvas, the strongest on top', () => {
    const box: [number, number, number, number] = [10, 20, 30, 60];
    const frame = {
      stampNs: '0',
      width: 100,
      height: 200,
      jpeg: '',
      detections: [
        { label: 'car', score: 0.9, box, trackId: 7 },
        { label: 'car', score: 0.5, box },
      ],
      model: 'm',
      version: '1',
      captureToPublishMs: 1,
      roles: ['viewer' as const],
    };
    const placed = placeBoxes(frame, 200, 100);
    expect(placed.map((one) => one.text)).toEqual(['car 50', 'car #7 90']);
    expect(placed[1]).toMatchObject({ x: 20, y: 10, width: 40, height: 20 });
  });

  it('carry the outlines of a model of segmentation, in pixels of the canvas', () => {
    const [placed] = placeBoxes(
      {
        ...{ width: 100, height: 200 },
        detections: [{ label: 'car', score: 0.9, box: [0, 0, 9, 9], mask: [[10, 20, 30, 20, 30, 60]] }],
      },
      200,
      100,
    );
    expect(placed?.outlines).toEqual([
      [
        [20, 10],
        [60, 10],
        [60, 30],
      ],
    ]);
  });

  it('have a colour that follows from the name of the class, whatever was drawn before', () => {
    const usual = ['person', 'car', 'truck', 'bus', 'bicycle', 'motorcycle', 'dog', 'forklift', 'van'];
    expect(new Set(usual.map(colorOf)).size).toBe(usual.length);
    expect(colorOf('Car')).toBe(colorOf('car'));
    const rare = ['pallet', 'helmet', 'cone', 'crate'];
    const colours = rare.map(colorOf);
    expect([...rare].reverse().map(colorOf).reverse()).toEqual(colours);
  });
});

describe('A refused request', () => {
  it('keeps the words of the controller', () => {
    expect(failureOf(409, { code: 'c', message: 'm', remedy: 'r' })).toEqual({
      status: 409,
      code: 'c',
      message: 'm',
      remedy: 'r',
    });
  });

  it('has words of its own for an answer that is not the controller’s', () => {
    const failure = failureOf(502, '<html>');
    expect(failure.message).toContain('502');
    expect(failure.remedy).not.toBe('');
  });
});
