import { expect, it } from 'vitest';
import { HeldTelemetry, type Telemetry } from '../../../../src/controller/ingest/held-telemetry.ts';

const item = (sequence: number): Telemetry => ({
  kind: 'metrics',
  payload: { session: 1, sequence, entry: sequence, historical: false, samples: [] },
});
const numberOf = (one: Telemetry) => (one.kind === 'metrics' ? one.payload.sequence : -1);

it('gives what it holds in the order in which it came, and keeps the rest from the first that is not taken', () => {
  const held = new HeldTelemetry();
  for (const sequence of [1, 2, 3]) expect(held.add('d1', item(sequence), 10 * sequence)).toBe(true);
  const given: number[] = [];
  const take = (upTo: number) =>
    held.release('d1', (one, sinceMs) => {
      expect(sinceMs).toBe(10);
      if (numberOf(one) > upTo) return false;
      given.push(numberOf(one));
      return true;
    });
  take(2);
  expect(given).toEqual([1, 2]);
  expect(held.has('d1')).toBe(true);
  take(3);
  expect(given).toEqual([1, 2, 3]);
  expect(held.has('d1')).toBe(false);
});

it('has a limit for one device and one for all', () => {
  const held = new HeldTelemetry();
  const taken = Array.from({ length: 1_100 }, (_, at) => held.add('d1', item(at), 0)).filter(Boolean);
  expect(taken).toHaveLength(1_000);
  let all = 1_000;
  for (let device = 2; device <= 400; device++)
    for (let at = 0; at < 100; at++) if (held.add(`d${device}`, item(at), 0)) all += 1;
  expect(all).toBe(20_000);
  held.release('d1', () => true);
  expect(held.add('d400', item(0), 0) || held.add('d1', item(0), 0)).toBe(true);
});
