import { describe, expect, it } from 'vitest';
import {
  gridOf,
  hidingFps,
  hidingPictures,
  spansOfStream,
} from '../../../../src/adapters/ffmpeg/clip/hiding.ts';
import { jpegsAtPace, paceOf, spansAtPace } from '../../../../src/adapters/ffmpeg/clip/jpeg-stream.ts';
import type { ClipPart } from '../../../../src/agent/index.ts';

const ms = (value: number) => BigInt(value) * 1_000_000n;

function jpegs(times: readonly number[]): ClipPart {
  return {
    ...{
      codec: 'jpeg',
      parameters: '',
      startNs: 0n,
      firstNs: ms(times[0]!),
      lastNs: ms(times.at(-1)!),
      moments: [],
    },
    packets: times.map((at) => ({
      ...{ codec: 'jpeg', bytes: Uint8Array.of(at / 100), timeNs: ms(at), keyframe: true, parameters: '' },
    })),
  };
}

describe('Pictures of their own times', () => {
  it('are played at about their own pace, the last one for as long as no other came', () => {
    const part = jpegs([1000, 1100, 1200, 1700, 1800]);
    expect(paceOf(part)).toBe(5);
    expect([...jpegsAtPace(part, 10)].map(([first]) => first)).toEqual([10, 11, 12, 12, 12, 12, 12, 17, 18]);
  });

  it('are hidden by what was found on them, however late they are shown', () => {
    const part = jpegs([1000, 1100, 1200, 1700, 1800]);
    expect([...spansAtPace(part, 10)].map(({ fromNs }) => Number(fromNs / 1_000_000n))).toEqual([
      ...[1000, 1100, 1200, 1200, 1200, 1200, 1200, 1700, 1800],
    ]);
  });
});

describe('What hides a stream', () => {
  const grid = gridOf(320, 180);

  it('has a tick for every picture, and hides all behind the last', () => {
    const part = jpegs([100, 0, 500, 1000]);
    const moments = Array.from({ length: 12 }, (_, i) => ({
      ...{ timeNs: ms(i * 100), mode: 'blurred' as const },
      boxes: [{ x1: 0.5, y1: 0.5, x2: 0.6, y2: 0.6 }],
    }));
    const pictures = [...hidingPictures(moments, spansOfStream(part), grid)];
    const hidden = pictures.map((picture) => picture.filter((cell) => cell === 255).length);
    expect(hidden.slice(0, hidingFps + 1)).toEqual(Array.from({ length: 26 }, () => 16 * 9));
    expect(new Set(hidden.slice(hidingFps + 1))).toEqual(new Set([160 * 90]));
    expect(hidden.length).toBeGreaterThan(60);
  });

  it('hides all of a picture that nobody looked at', () => {
    const [picture] = hidingPictures([], [{ fromNs: 0n, untilNs: 0n }], grid);
    expect(picture?.every((cell) => cell === 255)).toBe(true);
  });
});
