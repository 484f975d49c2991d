import { expect, it } from 'vitest';
import { LatestDecode } from '../../../../src/adapters/ros2/latest-decode.ts';
import { InputError } from '../../../../src/base/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';

it('A decoder continues if a caller that waits for a picture fails', async () => {
  const decoder = new LatestDecode(
    async ([value = 0]: Uint8Array) => value,
    (reason) => new InputError('picture', reason, ''),
  );
  const said: unknown[] = [];
  const offer = (value: number) =>
    decoder.offer({
      bytes: Uint8Array.of(value),
      release: () => said.push('released'),
      done: (decoded) => {
        if (decoded === 1) throw new Error('no memory');
        said.push(decoded);
      },
      failed: ({ message }) => said.push(message),
    });
  for (const value of [1, 2]) {
    offer(value);
    expect(decoder.busy).toBe(true);
    await settle();
    expect(decoder.busy).toBe(false);
  }
  expect(said).toEqual(['released', 'no memory', 'released', 2]);
});
