import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Outlet, StreamCounts } from '../../src/streams/index.ts';
import { settle } from '../fakes/fake-clock.ts';
import { found, outgoing } from '../unit/streams/results.ts';
import { suite } from './suite.ts';

/** An outlet and whoever receives from it. */
export interface OutletUnderTest {
  readonly outlet: Outlet;
  /** Sequences of results, in the order in which they arrived. */
  received(): readonly number[];
  /** From now on it takes nothing and says nothing. */
  hang(): void;
  /** From now on all that is tried fails. */
  fail(): void;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What a stream expects of any way out. `counts`: what the outlet has to count in. */
export function describeOutlet(name: string, make: (counts: StreamCounts) => Promise<OutletUnderTest>): void {
  suite(`A way out for results: ${name}`, undefined, () => {
    let counts: StreamCounts;
    let test: OutletUnderTest;

    beforeEach(async () => {
      counts = new StreamCounts();
      test = await make(counts);
    });
    afterEach(() => test.close());

    function give(from: number, to: number): void {
      for (let sequence = from; sequence < to; sequence++) {
        counts.produce();
        test.outlet.take(outgoing(sequence, [found('car', 0.5)]));
      }
    }
    async function close() {
      const closed = test.outlet.close(1_000);
      await test.pass(2_000);
      await closed;
      return counts.reading;
    }

    it('delivers what it is given, in its order, and counts it', async () => {
      for (let sequence = 0; sequence < 5; sequence++) {
        give(sequence, sequence + 1);
        await test.pass(2_000);
      }
      const reading = await close();
      expect(test.received()).toEqual([0, 1, 2, 3, 4]);
      expect(reading).toEqual({ produced: 5, sent: 5, leftOut: {}, waiting: 0 });
    });

    it('gives what waits before it closes', async () => {
      give(0, 5);
      expect(await close()).toMatchObject({ sent: 5, waiting: 0 });
      expect(test.received()).toEqual([0, 1, 2, 3, 4]);
    });

    it('holds a bounded number where the receiver hangs, and closes in time with every result counted', async () => {
      test.hang();
      give(0, 5_000);
      await test.pass(2_000);
      expect(counts.reading.waiting).toBeLessThanOrEqual(1_100);
      const { produced, sent, leftOut, waiting } = await close();
      const left = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
      expect({ produced, waiting }).toEqual({ produced: 5_000, waiting: 0 });
      expect(sent + left).toBe(5_000);
      expect(leftOut.slow).toBeGreaterThan(3_000);
    });

    it('counts what fails as left out, and never throws', async () => {
      test.fail();
      give(0, 3);
      await test.pass(200_000);
      await settle();
      const { sent, leftOut, waiting } = await close();
      expect({ sent, waiting }).toEqual({ sent: 0, waiting: 0 });
      expect(Object.values(leftOut).reduce((sum, count) => sum + count, 0)).toBe(3);
    });

    it('takes results after its end, and counts them', async () => {
      await close();
      give(0, 2);
      expect(counts.reading).toMatchObject({ produced: 2, sent: 0, waiting: 0 });
    });

    it('may be closed twice', async () => {
      await close();
      await expect(test.outlet.close(1_000)).resolves.toBeUndefined();
    });
  });
}
