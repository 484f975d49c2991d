import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  StreamTimes,
  type StreamUnit,
  TransportStream,
  ticksOf,
  timeOfTicks,
} from '../../../../src/platform/index.ts';

function encoded(codec: string, ...more: readonly string[]): Buffer {
  return execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=3', '-c:v', codec],
    ...[
      '-pix_fmt',
      'yuv420p',
      '-g',
      '10',
      ...more,
      '-f',
      'mpegts',
      '-muxdelay',
      '0',
      '-muxpreload',
      '0',
      '-',
    ],
  ]);
}

function unitsOf(stream: Buffer, pieces = 1_000): StreamUnit[] {
  const units: StreamUnit[] = [];
  const reader = new TransportStream((unit) => units.push(unit));
  for (let at = 0; at < stream.length; at += pieces) reader.push(stream.subarray(at, at + pieces));
  reader.end();
  return units;
}

function decodedFrames(stream: Uint8Array): number {
  const raw = execFileSync('ffmpeg', ['-v', 'error', '-f', 'mpegts', '-i', '-', '-f', 'rawvideo', '-'], {
    ...{ input: stream, maxBuffer: 1 << 26 },
  });
  return raw.length / (160 * 120 * 1.5);
}

describe('A transport stream of ffmpeg', () => {
  let h264: Buffer;
  beforeAll(() => {
    h264 = encoded('libx264', '-bf', '2', '-sc_threshold', '0');
  });

  it('is cut into its pictures, with their times, keyframes and parameter sets', () => {
    const units = unitsOf(h264);
    expect(units).toHaveLength(30);
    expect(units.filter(({ keyframe }) => keyframe)).toHaveLength(3);
    expect(new Set(units.map(({ parameters }) => parameters)).size).toBe(1);
    expect(units[0]?.parameters).toMatch(/^\S+ \S+$/);
    const ticks = units.map((unit) => unit.ticks).sort((a, b) => a - b);
    expect(new Set(ticks.map((tick, i) => (i === 0 ? 9_000 : tick - ticks[i - 1]!)))).toEqual(
      new Set([9_000]),
    );
  });

  it('is one again from any keyframe on', () => {
    const units = unitsOf(h264);
    const second = units.findIndex(({ keyframe }, i) => keyframe && i > 0);
    expect(decodedFrames(Buffer.concat(units.slice(second).map(({ bytes }) => bytes)))).toBe(30 - second);
  });

  it('has other parameter sets where its pictures have another size', () => {
    const other = encoded('libx264', '-vf', 'scale=320:240');
    const [a, b] = [unitsOf(h264)[0], unitsOf(other)[0]];
    expect(a?.parameters).not.toBe(b?.parameters);
  });

  it('of H.265 is known as such, and one of JPEG gives its pictures', () => {
    const h265 = unitsOf(encoded('libx265', '-x265-params', 'log-level=none'));
    expect(h265[0]).toMatchObject({ codec: 'h265', keyframe: true });
    expect(h265[0]?.parameters.split(' ')).toHaveLength(3);
    const jpeg = unitsOf(encoded('mjpeg', '-strict', '-1'));
    expect(jpeg).toHaveLength(30);
    for (const { codec, bytes } of jpeg) {
      expect(codec).toBe('jpeg');
      expect([bytes[0], bytes[1], bytes.at(-2), bytes.at(-1)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
    }
  });

  it('gives the same pictures in whatever pieces it comes', () => {
    const whole = unitsOf(h264, h264.length);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (pieces) => {
        expect(unitsOf(h264, pieces)).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it('that is damaged, or is none, throws nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(h264.length - 1), fc.nat(255)), { maxLength: 200 }), (damage) => {
        const stream = Buffer.from(h264);
        for (const [at, byte] of damage) stream[at] = byte;
        unitsOf(stream, 4_000);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000 }), (bytes) => void unitsOf(Buffer.from(bytes), 333)),
    );
  });
});

describe('Times of a stream', () => {
  it('go on over the end of their 33 bits, and begin on either side of 0', () => {
    const times = new StreamTimes();
    expect(times.timeNs(2 ** 33 - 9_000)).toBe(-100_000_000n);
    expect(times.timeNs(0)).toBe(0n);
    let last = 0n;
    for (let hour = 1; hour <= 60; hour++) {
      const now = times.timeNs((hour * 3_600 * 90_000) % 2 ** 33);
      expect(now - last).toBe(3_600_000_000_000n);
      last = now;
    }
  });
});

describe('Ticks', () => {
  it('of a time are those that the time of these ticks has', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (timeNs) => {
        const ticks = ticksOf(timeNs);
        expect(ticksOf(timeOfTicks(ticks) + 1n)).toBe(ticks);
        const behind = timeNs - timeOfTicks(ticks);
        expect(behind >= 0n && behind < 11_112n).toBe(true);
      }),
    );
  });

  it('count from where a stream began', () => {
    const times = new StreamTimes(324_000_000);
    expect(times.timeNs(324_000_000)).toBe(0n);
    expect(times.timeNs(324_090_000)).toBe(1_000_000_000n);
    expect(times.timeNs(323_991_000)).toBe(-100_000_000n);
  });
});
