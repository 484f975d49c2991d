import { describe, expect, it } from 'vitest';
import { OrderedDigests } from '../../../../src/controller/registry/ordered-digests.ts';
import type { ManifestRecord } from '../../../../src/controller/registry/ports.ts';
import { Repository } from '../../../../src/controller/registry/repository.ts';
import type { Desired } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

const of = (letter: string) => `sha256:${letter.repeat(64)}`;
const record = (digest: string, more: Partial<ManifestRecord>): ManifestRecord => ({
  ...{ digest: of(digest), mediaType: 'a/b', size: 1, pushedMs: 1, blobs: [], manifests: [] },
  ...more,
});
/** Two bundles, 1 and 2; c is about 1, and d about c; e is about 2, f about nobody. */
const repository = new Repository({
  name: 'street',
  blobs: [],
  tags: { '1.0': of('a'), '2.0': of('b') },
  manifests: [
    record('a', { bundle: of('1'), blobs: [of('1'), of('3')] }),
    record('b', { bundle: of('2'), blobs: [of('2'), of('4')] }),
    record('c', { subject: of('a'), blobs: [of('5')] }),
    record('d', { subject: of('c'), blobs: [of('6')] }),
    record('e', { subject: of('b'), blobs: [of('7')] }),
    record('f', { blobs: [of('8')] }),
  ],
});
const model = (digest: string) => ({ name: 'street', version: '1', digest: of(digest) });
const desires = (desired: Partial<Desired>) => ({
  desired: { generation: 1, timeMs: 1, ...desired } as Desired,
});

function ordered(devices: Record<string, ReturnType<typeof desires>>, clock = new FakeClock()) {
  const all = new Map(Object.entries(devices));
  return new OrderedDigests(
    { get: (id: string) => all.get(id), devices: () => all.values() } as never,
    clock,
  );
}

describe('A device may fetch', () => {
  const both = ordered({
    one: desires({ slots: { main: { model: model('1') } } }),
    two: desires({ slots: { plate: { model: model('2'), role: 'serve' } } } as never),
    none: desires({}),
  });
  it.each([
    ['one', '1 3 a c 5 d 6'],
    ['two', '2 4 b e 7'],
    ['none', ''],
    ['unknown', ''],
    [undefined, '1 2 3 4 5 6 7 a b c d e'],
  ])('%s: %s', (device, allowed) => {
    const digests = [...'12345678abcdef'].filter((letter) => both.mayRead(device, repository, of(letter)));
    expect(digests).toEqual(allowed.split(' ').filter(Boolean).sort());
  });

  it('only what is ordered now, also in the second in which the orders changed', () => {
    const clock = new FakeClock();
    const device = desires({ slots: { main: { model: model('1') } } });
    const orders = ordered({ one: device }, clock);
    expect(orders.isOrdered(undefined, of('1'))).toBe(true);
    device.desired = desires({ slots: { main: { model: model('2') } } }).desired;
    clock.advance(5);
    expect(orders.isOrdered(undefined, of('2'))).toBe(true);
    expect(orders.isOrdered('one', of('1'))).toBe(false);
    clock.advance(1_000);
    expect(orders.isOrdered(undefined, of('1'))).toBe(false);
  });
});
