import { describe, expect, it } from 'vitest';
import { OrderOpener } from '../../../../src/agent/trust/order-opener.ts';
import type { OpenedOrder } from '../../../../src/agent/trust/ports.ts';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import type { Message } from '../../../../src/protocol/index.ts';
import { orderPayload, orderType, signPayload } from '../../../../src/trust/index.ts';
import { newSigner, TrustWorld, verifier } from '../../../fixtures/trust-world.ts';

const order = (payload: Uint8Array): Message => ({
  topic: 'goshawk/v1/device/d/desired',
  payload,
  qos: 1,
  retain: true,
});
const numbered = (number: number) => order(new Uint8Array([number]));

/** A gate that verifies when it is told to. */
function opener() {
  const begun: { done: (error?: Error) => void }[] = [];
  const taken: number[] = [];
  const refused: string[] = [];
  const openOrder = (payload: Uint8Array) =>
    new Promise<OpenedOrder>((resolve, reject) => {
      begun.push({ done: (error) => (error ? reject(error) : resolve({ payload })) });
    });
  const orders = new OrderOpener({
    trust: { openOrder, authority: undefined },
    take: ({ payload }) => {
      taken.push(payload[0]!);
      if (payload[0] === 99) throw new Error('cannot be followed');
    },
    refuse: ({ payload }, error) => void refused.push(`${payload[0]}: ${(error as Error).message}`),
  });
  return { orders, begun, taken, refused };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Orders in envelopes', () => {
  it('are followed as they came, though a later one is verified first', async () => {
    const { orders, begun, taken } = opener();
    for (const number of [1, 2, 3]) orders.open(numbered(number));
    begun[2]!.done();
    begun[1]!.done();
    await settled();
    expect(taken).toEqual([]);
    begun[0]!.done();
    await settled();
    expect(taken).toEqual([1, 2, 3]);
  });

  it('that are refused wait for nothing and hold up none', async () => {
    const { orders, begun, taken, refused } = opener();
    for (const number of [1, 2, 3]) orders.open(numbered(number));
    begun[1]!.done(new Error('forged'));
    await settled();
    expect(refused).toEqual(['2: forged']);
    begun[2]!.done();
    begun[0]!.done(new Error('forged'));
    await settled();
    expect(taken).toEqual([3]);
    expect(refused).toEqual(['2: forged', '1: forged']);
  });

  it('go on behind one that cannot be followed', async () => {
    const { orders, begun, taken, refused } = opener();
    for (const number of [99, 2]) orders.open(numbered(number));
    for (const { done } of begun) done();
    await settled();
    expect(taken).toEqual([99, 2]);
    expect(refused).toEqual(['99: cannot be followed']);
  });

  it('of a flood take bounded memory, which is there again once they are verified', async () => {
    const { orders, begun, taken, refused } = opener();
    const large = () => order(new Uint8Array(256 << 10).fill(7));
    for (let number = 0; number < 200; number++) orders.open(large());
    expect(begun).toHaveLength(128);
    expect(refused).toHaveLength(72);
    expect(refused[0]).toBe('7: Orders of more than 32 MiB wait to be verified.');
    for (const { done } of begun) done(new Error('forged'));
    await settled();
    orders.open(numbered(1));
    begun.at(-1)!.done();
    await settled();
    expect(taken).toEqual([1]);
  });

  it('of the controller are followed in the middle of 200 forged ones', async () => {
    const world = await TrustWorld.make();
    world.order(await world.release('1.0.0'));
    const desired = encodeUtf8(JSON.stringify({ generation: 1 }));
    const forged = signPayload(orderType, orderPayload('cam-1', desired), newSigner(), verifier);
    const followed: Uint8Array[] = [];
    let refused = 0;
    const orders = new OrderOpener({
      trust: await world.gate(world.disk()),
      take: ({ payload }) => void followed.push(payload),
      refuse: () => void refused++,
    });
    for (let number = 0; number < 200; number++) {
      if (number === 100) orders.open(order(world.controller.seal('cam-1', desired)));
      orders.open(order(forged));
    }
    while (followed.length + refused < 201) await settled();
    expect(refused).toBe(200);
    expect(followed).toEqual([desired]);
  });
});
