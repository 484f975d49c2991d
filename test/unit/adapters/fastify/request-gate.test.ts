import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestGate } from '../../../../src/adapters/fastify/request-gate.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('The gate', () => {
  test('lets so many of one token in, the next when one has left, and refuses what is beyond the line', async () => {
    const gate = new RequestGate(2, 1);
    const leave = await gate.enter('a');
    await gate.enter('a');
    let third = false;
    void gate.enter('a').then(() => {
      third = true;
    });
    await expect(gate.enter('a')).rejects.toMatchObject({ code: 'too-many-requests' });
    await settled();
    expect(third).toBe(false);
    leave();
    leave();
    await settled();
    expect(third).toBe(true);
    let fourth = false;
    void gate.enter('a').then(() => {
      fourth = true;
    });
    await settled();
    expect(fourth).toBe(false);
  });

  test('keeps nobody waiting for ever, and the next has the turn of who gave up', async () => {
    const gate = new RequestGate(1, 5, 100);
    const leave = await gate.enter('a');
    await expect(gate.enter('a')).rejects.toMatchObject({ code: 'too-many-requests' });
    const next = gate.enter('a');
    leave();
    (await next)();
    (await gate.enter('a'))();
  });

  test('of one token does not hold up another', async () => {
    const gate = new RequestGate(1, 0);
    await gate.enter('a');
    await gate.enter('b');
    await expect(gate.enter('a')).rejects.toMatchObject({ code: 'too-many-requests' });
  });

  test('never lets more in than it may, and all of the line in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 20 }),
        async (atOnce, count) => {
          const gate = new RequestGate(atOnce, 20);
          let running = 0;
          let most = 0;
          let done = 0;
          const one = async () => {
            const leave = await gate.enter('a');
            running += 1;
            most = Math.max(most, running);
            await settled();
            running -= 1;
            done += 1;
            leave();
          };
          await Promise.all(Array.from({ length: count }, one));
          expect(done).toBe(count);
          expect(most).toBe(Math.min(atOnce, count));
        },
      ),
      { numRuns: 30 },
    );
  });
});
