import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';

describe('fleet call-robot', () => {
  it.each([
    ['--on', '--off'],
    ['--off', '--on'],
  ])('switches nothing for %s %s', async (...both) => {
    const asked = createProgram().parseAsync(
      ['fleet', 'call-robot', 'truck-7', 'lights', ...both, '--token', 't'],
      { from: 'user' },
    );
    await expect(asked).rejects.toMatchObject({ code: 'commander.conflictingOption' });
  });
});
