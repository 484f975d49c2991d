import { describe, expect, it } from 'vitest';
import { OrderOpener } from '../../../../src/agent/trust/order-opener.ts';
import type { TrustGate } from '../../../../src/agent/trust/ports.ts';
import type { Message } from '../../../../src/protocol/index.ts';

const order = (number: number): Message => ({
  topic: 'goshawk/v1/device/d/desired',
  payload: new Uint8Array([number]),
  qos: 1,
  retain: true,
});

/** A gate that verifies when it is told to. */
function opener() {
  const begun: { payload: Uint8Array; done: (error?: Error) => void }[] = [];
  const taken: number[] = [];
  const refused: string[] = [];
  const openOrder = (payload: Uint8Array) =>
    new Promise<Uint8Array>((resolve, reject) => {
      begun.push({ payload, done: (error) => (error ? reject(error) : resolve(payload)) });
    });
  const orders = new OrderOpener({
    trust: { openOrder } as Partial<TrustGate> as TrustGate,
    take: ({ payload }) => void taken.push(payload[0]!),
    refuse: ({ payload }, error) => void refused.push(`${payload[0]}: ${(error as Error).message}`),
  });
  return { orders, begun, taken, refused };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Orders in envelopes', () => {
  it('are verified one after the other, as they came; one that is refused holds none up', async () => {
    const { orders, begun, taken, refused } = opener();
    for (const number of [1, 2, 3]) orders.open(order(number));
    expect(begun).toHaveLength(1);
    begun[0]!.done(new Error('forged'));
    await settled();
    expect(begun).toHaveLength(2);
    begun[1]!.done();
    await settled();
    begun[2]!.done();
    await settled();
    expect(taken).toEqual([2, 3]);
    expect(refused).toEqual(['1: forged']);
  });

  it('of a flood take bounded memory, and the newest is followed', async () => {
    const { orders, begun, taken, refused } = opener();
    for (let number = 0; number < 100; number++) orders.open(order(number));
    expect(refused).toHaveLength(100 - 1 - 16);
    expect(refused[0]).toBe('1: More than 16 orders wait to be verified.');
    for (let next = 0; next < begun.length; next++) {
      begun[next]!.done();
      await settled();
    }
    expect(taken).toEqual([0, ...Array.from({ length: 16 }, (_, at) => 84 + at)]);
  });
});
