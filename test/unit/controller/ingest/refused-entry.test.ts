import { encode as encodeCbor } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusedEntry } from '../../../../src/controller/ingest/refused-entry.ts';
import { topics } from '../../../../src/protocol/index.ts';

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const of = (topic: string, payload: Uint8Array) => refusedEntry({ topic, payload, qos: 1, retain: false });

describe('The outbox entry of a payload that does not fit', () => {
  it('is found in an event and in a batch, so that the device may forget it', () => {
    const expected = { device: 'd1', entry: 42 };
    expect(of(topics.events('d1'), text({ entry: 42, kind: 7 }))).toEqual(expected);
    expect(of(topics.metrics('d1'), encodeCbor({ entry: 42, samples: 'many' }))).toEqual(expected);
    expect(of(topics.events('d1'), text({ entry: 0 }))).toEqual({ device: 'd1', entry: 0 });
  });

  it.each([
    ['no number', { entry: '42' }],
    ['below zero', { entry: -1 }],
    ['no whole number', { entry: 1.5 }],
    ['beyond what counts exactly', { entry: 2 ** 53 }],
    ['not there', {}],
    ['in a list', [42]],
    ['of nothing', null],
  ])('is none where it is %s', (_, payload) => {
    expect(of(topics.events('d1'), text(payload))).toBeUndefined();
  });

  it('is none on other topics, and not looked for in what is far too long', () => {
    expect(of(topics.state('d1'), text({ entry: 42 }))).toBeUndefined();
    expect(of('elsewhere/d1/events', text({ entry: 42 }))).toBeUndefined();
    expect(of(topics.events('d1'), text({ entry: 42, message: 'x'.repeat(1024 * 1024) }))).toBeUndefined();
  });

  it('is never an error, whatever bytes come', () => {
    const topic = fc.constantFrom(topics.events('d1'), topics.metrics('d1'));
    fc.assert(
      fc.property(topic, fc.uint8Array({ maxLength: 200 }), (where, bytes) => {
        const found = of(where, bytes);
        if (found !== undefined) expect(Number.isSafeInteger(found.entry) && found.entry >= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
