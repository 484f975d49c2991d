import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogRing } from '../../../../src/agent/remote/index.ts';
import { encodePayload } from '../../../../src/protocol/index.ts';

const ringOf = (more = {}) => new LogRing({ maxLines: 5, maxSize: 10_000, redact: (text) => text, ...more });
const line = (message: string, level: 'debug' | 'info' | 'warn' | 'error' = 'info', timeMs = 1) => ({
  ...{ timeMs, level, message },
});

describe('The last lines of a log', () => {
  it('are numbered on, the oldest make room, and who was too slow hears how many he missed', () => {
    const ring = ringOf();
    for (let at = 1; at <= 8; at += 1) ring.add(line(`line ${at}`));
    expect(ring.lines.map(({ number }) => number)).toEqual([4, 5, 6, 7, 8]);
    expect(ring.read({ limit: 2 })).toMatchObject({
      lines: [{ number: 7 }, { number: 8 }],
      next: 8,
      lost: 0,
    });
    expect(ring.read({ after: 1, limit: 2 })).toMatchObject({
      ...{ lines: [{ number: 4 }, { number: 5 }], next: 5, more: true, lost: 2 },
    });
    expect(ring.read({ after: 8, limit: 2 })).toEqual({ lines: [], next: 8, more: false, lost: 0 });
  });

  it('go on with the numbers of the run before', () => {
    const before = ringOf();
    before.add(line('a'));
    before.add(line('b'));
    const ring = ringOf();
    ring.restore(before.lines);
    ring.add(line('c'));
    expect(ring.lines.map(({ number, message }) => [number, message])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('are given by level and time', () => {
    const ring = ringOf();
    ring.add(line('a', 'debug', 10));
    ring.add(line('b', 'warn', 20));
    ring.add(line('c', 'error', 30));
    expect(ring.read({ level: 'warn', limit: 10 }).lines.map(({ message }) => message)).toEqual(['b', 'c']);
    expect(ring.read({ sinceMs: 25, limit: 10 }).lines.map(({ message }) => message)).toEqual(['c']);
  });

  it('are redacted before they are kept, and cut', () => {
    const ring = ringOf({ redact: (text: string) => text.replaceAll('heron', '...') });
    ring.add({ ...line('a heron'), fields: '{"bird":"heron"}' });
    ring.add(line('x'.repeat(5_000)));
    expect(ring.lines[0]).toMatchObject({ message: 'a ...', fields: '{"bird":"..."}' });
    expect(ring.lines[1]!.message).toHaveLength(1_000);
  });

  it('fit into an answer whatever they hold, and are all given by and by, once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 1_500 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 200 }),
        (messages, limit) => {
          const ring = ringOf({ maxLines: 1_000, maxSize: 1_000_000 });
          for (const message of messages) ring.add({ ...line(message), fields: JSON.stringify({ message }) });
          expect(
            encodePayload('response', { ok: true, result: ring.read({ limit }) }).byteLength,
          ).toBeLessThan(256 * 1024);
          const seen: number[] = [];
          let after = 0;
          for (let more = true; more; ) {
            const page = ring.read({ after, limit });
            expect(encodePayload('response', { ok: true, result: page }).byteLength).toBeLessThan(256 * 1024);
            seen.push(...page.lines.map(({ number }) => number));
            ({ next: after, more } = page);
          }
          expect(seen).toEqual(ring.lines.map(({ number }) => number));
        },
      ),
      { numRuns: 50 },
    );
  });
});
