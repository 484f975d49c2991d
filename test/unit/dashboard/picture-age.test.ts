import { describe, expect, it } from 'vitest';
import type { DeviceSummary } from '../../../src/api/index.ts';
import { type PictureFacts, pictureState } from '../../../src/dashboard/device/picture-age.ts';

const nowMs = 1_790_000_000_000;
type Problem = NonNullable<DeviceSummary['health']>['problems'][number];

function stateOf(change: Partial<PictureFacts>, problems: readonly Problem[] = [], online = true) {
  return pictureState({
    device: { online, health: { state: 'ok', reasons: [], problems: [...problems] } },
    camera: 'front',
    paused: false,
    frame: { receivedMs: nowMs - 100, captureToPublishMs: 40 },
    nowMs,
    ...change,
  });
}
const blind = (what: string, sinceMs?: number): Problem => ({
  ...{ kind: 'blind', camera: 'front', what },
  ...(sinceMs === undefined ? {} : { sinceMs }),
});

describe('What is said of a live picture', () => {
  it.each<[string, ReturnType<typeof stateOf>, object]>([
    ['live while frames are fresh', stateOf({}), { state: 'live', ageMs: 140 }],
    [
      'old when none came for four seconds',
      stateOf({ frame: { receivedMs: nowMs - 3990, captureToPublishMs: 40 } }),
      { state: 'old', ageMs: 4030 },
    ],
    [
      'old when a frame came just now and was taken long ago',
      stateOf({ frame: { receivedMs: nowMs, captureToPublishMs: 9000 } }),
      { state: 'old', ageMs: 9000 },
    ],
    [
      'frozen, as old as the fault, although frames come',
      stateOf({}, [blind('frozen', nowMs - 180_000)]),
      { state: 'frozen', ageMs: 180_000, what: 'frozen' },
    ],
    [
      'frozen and of unknown age where the device does not say since when',
      stateOf({}, [blind('frozen')]),
      { state: 'frozen', ageMs: undefined, what: 'frozen' },
    ],
    [
      'blind where its sensor is black',
      stateOf({}, [blind('black', nowMs - 5000)]),
      { state: 'blind', ageMs: 140, what: 'black' },
    ],
    [
      'live where another camera is frozen',
      stateOf({}, [{ ...blind('frozen', nowMs - 5000), camera: 'rear' }]),
      { state: 'live', ageMs: 140 },
    ],
    ['held', stateOf({ paused: true }), { state: 'held', ageMs: 140 }],
    ['offline, whatever came last', stateOf({}, [], false), { state: 'offline', ageMs: 140 }],
    ['nothing before the first frame', stateOf({ frame: undefined }), { state: 'none', ageMs: undefined }],
    [
      'live where the clock of the page is behind',
      stateOf({ frame: { receivedMs: nowMs + 500, captureToPublishMs: 40 } }),
      { state: 'live', ageMs: 40 },
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
