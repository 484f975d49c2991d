import { Value } from '@sinclair/typebox/value';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/base/index.ts';
import type { Frame } from '../../../src/perception/index.ts';
import { ResultMessage, resultFields, SentResult } from '../../../src/protocol/index.ts';
import { ResultStreams, resultMessage, StreamCounts } from '../../../src/streams/index.ts';
import { RateGate, select } from '../../../src/streams/selection.ts';
import { found, perception, rich } from './results.ts';

const byCar = { trackId: 3, label: 'car', speed: 0.5, stampNs: 1_790_000_000_000_000_000n };
const points = [
  [0, 0],
  [1, 1],
] as const;
const rules = {
  zones: [{ name: 'yard', points, inside: 1, entered: 2, left: 1 }],
  lines: [{ name: 'gate', points, in: 1, out: 0 }],
  events: [
    { ...byCar, kind: 'left', zone: 'yard', inside: 1, dwellSeconds: 4, lost: false },
    { ...byCar, kind: 'crossed', line: 'gate', direction: 'in' },
    { kind: 'absent', zone: 'yard', inside: 0, stampNs: 1n, seconds: 60 },
  ],
} as const;
const message = resultMessage(perception(3, [rich, found('car', 0.4)], { rules }));

describe('A result as JSON', () => {
  it('fits its schema, and has no field that the schema does not know', () => {
    const read: unknown = JSON.parse(JSON.stringify(message));
    expect([...Value.Errors(ResultMessage, read)]).toEqual([]);
    expect(Value.Clean(ResultMessage, structuredClone(read))).toEqual(read);
    expect(read).toMatchObject({
      stampNs: '1790000000100000000',
      model: { name: 'street', version: '1.0.0' },
      detections: [
        {
          ...{ trackId: 7, score: 0.9123, children: [{ node: 'face', children: [{ node: 'eye' }] }] },
          rotated: { cx: 60, cy: 120, width: 100, height: 200, angle: 0.1235 },
          depth: { gives: 'metres', columns: 32 },
        },
        {},
      ],
      rules: {
        zones: [{ name: 'yard', inside: 1, entered: 2, left: 1 }],
        lines: [{ name: 'gate', in: 1, out: 0 }],
        events: [
          { kind: 'left', zone: 'yard', stampNs: '1790000000000000000' },
          { kind: 'crossed', line: 'gate', direction: 'in' },
          { kind: 'absent', zone: 'yard', seconds: 60 },
        ],
      },
    });
  });
});

describe('A rate', () => {
  it('leaves out results, and none in which something happened in a zone or at a line', () => {
    const taken: number[] = [];
    const counts = new StreamCounts();
    const outlet = {
      take: ({ message }: { message: { sequence: number } }) => void taken.push(message.sequence),
      close: async () => {},
    };
    const streams = new ResultStreams([{ name: 'slow', to: '', selection: { rate: 1 }, counts, outlet }], {
      makePicture: () => Promise.reject(new Error('none')),
      log: silentLog,
    });
    const frame = {} as Frame;
    for (let i = 0; i < 20; i += 1) {
      const happens = i === 7 ? rules : { ...rules, events: [] };
      streams.publish(perception(i, [], { rules: happens }), frame);
    }
    expect(taken).toEqual([0, 7]);
    expect(counts.reading.leftOut).toEqual({ rate: 18 });
  });
});

describe('What a stream carries of it', () => {
  it('is detections of its classes from its score on', () => {
    const labels = (selection: Parameters<typeof select>[1]) =>
      select(message, selection).detections.map(({ label }) => label);
    expect(labels({})).toEqual(['person', 'car']);
    expect(labels({ classes: ['car'] })).toEqual(['car']);
    expect(labels({ minScore: 0.5 })).toEqual(['person']);
    expect(labels({ minScore: 0.5, classes: ['car'] })).toEqual([]);
  });

  it('is the fields that it names, and fits the schema of what is sent, whichever they are', () => {
    expect(select(message, { fields: ['box', 'trackId'] })).toEqual({
      ...{ type: 'frame', camera: 'front', node: 'detect', sequence: 3, stampNs: '1790000000100000000' },
      detections: [
        { label: 'person', box: [10.12, 20, 110, 220], trackId: 7 },
        { label: 'car', box: [10.12, 20, 110, 220] },
      ],
    });
    fc.assert(
      fc.property(fc.subarray([...resultFields]), (fields) => {
        const sent: unknown = JSON.parse(JSON.stringify(select(message, { fields })));
        expect([...Value.Errors(SentResult, sent)]).toEqual([]);
      }),
    );
  });

  it.each([
    [10, 100],
    [29.9, 299],
    [30, 300],
    [100, 300],
    [1, 10],
  ])('is at most %d results a second of a camera with 30, evenly', (rate, expected) => {
    const gate = new RateGate(rate);
    let passed = 0;
    for (let i = 0; i < 300; i++) if (gate.passes('a', BigInt(Math.round((i * 1e9) / 30)))) passed++;
    expect(Math.abs(passed - expected)).toBeLessThanOrEqual(1);
  });

  it('keeps the rate of each camera apart, and begins anew where stamps go back', () => {
    const gate = new RateGate(1);
    expect(['a', 'b', 'a'].map((key) => gate.passes(key, 5_000_000_000n))).toEqual([true, true, false]);
    expect(gate.passes('a', 0n)).toBe(true);
  });
});
