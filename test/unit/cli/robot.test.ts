import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';

describe('robot call', () => {
  it.each([
    ['--on', '--off'],
    ['--off', '--on'],
  ])('switches nothing for %s %s', async (...both) => {
    const asked = createProgram().parseAsync(
      ['robot', 'call', 'truck-7', 'lights', ...both, '--token', 't'],
      { from: 'user' },
    );
    await expect(asked).rejects.toMatchObject({ code: 'commander.conflictingOption' });
  });
});
