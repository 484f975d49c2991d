import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { withWaiting } from '../../../src/cli/command.ts';

describe('withWaiting', () => {
  it.each([
    { typed: [], options: { timeout: 300_000 } },
    { typed: ['--wait'], options: { wait: true, timeout: 300_000 } },
    { typed: ['--timeout', '2h'], options: { wait: true, timeout: 7_200_000 } },
  ])('reads $typed', ({ typed, options }) => {
    const command = withWaiting(new Command(), 'until it is over', '5m');

    command.parse(typed, { from: 'user' });

    expect(command.opts()).toEqual(options);
  });
});
