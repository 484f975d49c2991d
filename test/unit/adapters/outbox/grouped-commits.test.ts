import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../../src/adapters/outbox/database.ts';
import { GroupedCommits } from '../../../../src/adapters/outbox/grouped-commits.ts';

const remove = (entry: number): Operation => ({ kind: 'remove', entries: [entry] });
const numberOf = (operation: Operation) => (operation.kind === 'remove' ? operation.entries[0] : undefined);

/** Takes groups as a database does: one that holds `bad` is refused as a whole. */
function commits(bad?: number) {
  const groups: (number | undefined)[][] = [];
  const grouped = new GroupedCommits((operations) => {
    const numbers = operations.map(numberOf);
    groups.push(numbers);
    if (numbers.includes(bad)) throw new Error(`no ${bad}`);
  });
  return { groups, grouped };
}

describe('Commits that wait', () => {
  it('are done together, and those that come later with the next', async () => {
    const { groups, grouped } = commits();
    await Promise.all([1, 2, 3].map((entry) => grouped.add(remove(entry))));
    await Promise.all([4, 5].map((entry) => grouped.add(remove(entry))));
    expect(groups).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('are done at once for somebody who wants to see them, and not again', async () => {
    const { groups, grouped } = commits();
    const done = Promise.all([grouped.add(remove(1)), grouped.add(remove(2))]);
    grouped.commit();
    expect(groups).toEqual([[1, 2]]);
    grouped.commit();
    await done;
    await setImmediate();
    expect(groups).toEqual([[1, 2]]);
  });

  it('are done one by one where one is refused, which is refused alone', async () => {
    const { groups, grouped } = commits(2);
    const results = await Promise.allSettled([1, 2, 3].map((entry) => grouped.add(remove(entry))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { message: 'no 2' } });
    expect(groups).toEqual([[1, 2, 3], [1], [2], [3]]);
  });
});
