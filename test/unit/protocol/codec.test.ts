import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, InternalError } from '../../../src/base/index.ts';
import { calls } from '../../../src/protocol/calls.ts';
import {
  checkCallResult,
  decodeCall,
  decodeMessage,
  decodePayload,
  encodeCall,
  encodePayload,
  type MetricsBatch,
  maxBytesOf,
  type PayloadKind,
  topics,
} from '../../../src/protocol/index.ts';
import { maxDepth } from '../../../src/protocol/wire.ts';
import { kinds, mutated, samples } from './samples.ts';

/** Decodes or fails as promised: InputError with code, topic in the message and a remedy. */
function refusedOrFine(kind: PayloadKind, bytes: Uint8Array): 'fine' | 'refused' {
  try {
    decodePayload(kind, bytes, `goshawk/1/d1/${kind}`);
    return 'fine';
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const refused = error as InputError;
    expect(refused.code).toBe('payload-invalid');
    expect(refused.message).toContain(`goshawk/1/d1/${kind}`);
    expect(refused.remedy).not.toBe('');
    return 'refused';
  }
}

const text = (value: string) => new TextEncoder().encode(value);

describe('The codec', () => {
  it.each(kinds)('gives back the %s that went in', (kind) => {
    expect(decodePayload(kind, encodePayload(kind, samples[kind]), 't')).toEqual(samples[kind]);
  });

  it('gives back any batch of metrics, whatever the numbers are', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const histogram = fc.record({
      buckets: fc.array(fc.tuple(fc.integer({ min: -1024, max: 1024 }), fc.maxSafeNat()), { maxLength: 20 }),
      zeros: fc.maxSafeNat(),
      sum: finite,
    });
    const sample = fc.tuple(
      fc.integer({ min: 0, max: 8.64e15 }),
      fc.nat(65_535),
      fc.oneof(finite, histogram),
    );
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 30 }),
        fc.boolean(),
        fc.maxSafeNat(),
        (list, historical, entry) => {
          const batch: MetricsBatch = { session: 1, sequence: 0, entry, historical, samples: list };
          const back = decodePayload('metrics', encodePayload('metrics', batch), 't');
          // CBOR writes -0 as the integer 0; no metric can tell the difference.
          const plus = (value: unknown) => JSON.parse(JSON.stringify(value));
          expect(plus(back)).toEqual(plus(batch));
        },
      ),
    );
  });

  it.each(kinds)('refuses or understands any bytes as %s, and throws nothing else', (kind) => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void refusedOrFine(kind, bytes)));
  });

  it.each(kinds)('refuses or understands a damaged %s, and throws nothing else', (kind) => {
    const valid = encodePayload(kind, samples[kind]);
    let refused = 0;
    fc.assert(
      fc.property(mutated(valid), (bytes) => {
        if (refusedOrFine(kind, bytes) === 'refused') refused++;
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  it.each(kinds)('refuses any JSON or CBOR value that is not a %s', (kind) => {
    fc.assert(fc.property(fc.json(), (json) => void refusedOrFine(kind, text(json))));
  });

  it('names the path of what is wrong', () => {
    const wrong = text(
      JSON.stringify({
        ...samples.desired,
        slots: { main: { model: { name: 'a', version: '1', digest: 'md5:1' } } },
      }),
    );
    expect(() => decodePayload('desired', wrong, topics.desired('d1'))).toThrow(
      /goshawk\/1\/d1\/desired.*\/slots\/main\/model\/digest/,
    );
  });

  it('refuses deep nesting before a reader that recurses sees it', () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const event = (depth: number) =>
      text(JSON.stringify(samples.events).replace('"data":{', `"data":{"deep":${nested(depth)},`));
    expect(refusedOrFine('events', event(maxDepth - 2))).toBe('fine');
    expect(refusedOrFine('events', event(maxDepth - 1))).toBe('refused');
    expect(refusedOrFine('events', event(5_000))).toBe('refused');
    expect(refusedOrFine('state', text('['.repeat(500_000)))).toBe('refused');
    expect(refusedOrFine('metrics', new Uint8Array(1_000_000).fill(0x81))).toBe('refused');
  });

  it('refuses a key that would reach a prototype', () => {
    const json = JSON.stringify(samples.desired).replace('"*":', '"__proto__":');
    expect(json).toContain('__proto__');
    expect(refusedOrFine('desired', text(json))).toBe('refused');
  });

  it.each(kinds)('refuses a %s above its limit without parsing it', (kind) => {
    expect(refusedOrFine(kind, new Uint8Array(maxBytesOf(kind) + 1))).toBe('refused');
  });

  it('ignores fields of a newer version', () => {
    expect(refusedOrFine('desired', text(JSON.stringify({ ...samples.desired, later: true })))).toBe('fine');
  });

  it('refuses numbers in CBOR that JSON could not hold', () => {
    const nan = Uint8Array.from([0xf9, 0x7e, 0x00]);
    const bytes = encodePayload('metrics', { ...samples.metrics, samples: [[0, 0, 0.5]] });
    const at = bytes.findIndex((byte, i) => byte === 0xf9 && bytes[i + 1] === 0x38);
    expect(at).toBeGreaterThan(0);
    const damaged = Uint8Array.from(bytes);
    damaged.set(nan, at);
    expect(refusedOrFine('metrics', damaged)).toBe('refused');
  });

  it('never lets a payload of ours that does not fit reach the wire', () => {
    expect(() => encodePayload('metrics', { ...samples.metrics, samples: [[0, 0, Number.NaN]] })).toThrow(
      InternalError,
    );
  });
});

describe('Calls', () => {
  it('come back as they went in', () => {
    const request = { camera: 'front', seconds: 10, maxFps: 5, maxWidth: 640, role: 'viewer' as const };
    expect(decodeCall('preview', encodeCall('preview', request), 't')).toEqual(request);
    expect(decodeCall('ack', encodeCall('ack', { entries: [1, 2] }), 't')).toEqual({ entries: [1, 2] });
  });

  it('refuse any bytes that do not fit with payload-invalid', () => {
    for (const method of Object.keys(calls) as (keyof typeof calls)[])
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(text)), (bytes) => {
          try {
            decodeMessage(topics.call('d1', method), bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            expect((error as InputError).code).toBe('payload-invalid');
          }
        }),
      );
  });

  it('of an unknown method are named so', () => {
    expect(() => decodeMessage(topics.call('d1', 'explode'), text('{}'))).toThrow(
      /knows no call named explode/,
    );
    expect(() => decodeMessage(topics.call('d1', 'toString'), text('{}'))).toThrow(/knows no call/);
  });

  it('hold the result against its method', () => {
    expect(checkCallResult('describe', { models: [] }, 't')).toEqual({ models: [] });
    expect(() => checkCallResult('describe', 5, 't')).toThrow(InputError);
  });
});

describe('A message', () => {
  it('is decoded by its topic', () => {
    const message = decodeMessage(topics.preview('d1', 'front'), encodePayload('preview', samples.preview));
    expect(message).toEqual({ kind: 'preview', device: 'd1', camera: 'front', payload: samples.preview });
    const state = decodeMessage(topics.state('d1'), encodePayload('state', samples.state));
    expect(state.kind === 'state' && state.payload.online).toBe(true);
  });

  it('on a topic that is not ours is refused', () => {
    fc.assert(
      fc.property(fc.string(), (topic) => {
        expect(() => decodeMessage(topic, text('{}'))).toThrow(InputError);
      }),
    );
  });
});
