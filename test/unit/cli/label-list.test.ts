import { describe, expect, it } from 'vitest';
import { parseLabels } from '../../../src/cli/fleet/label-list.ts';
import { createProgram } from '../../../src/cli/program.ts';

describe('--set of device label', () => {
  it.each([
    ['site=west,ring=canary', { site: 'west', ring: 'canary' }],
    [' site=west , note=a=b ', { site: 'west', note: 'a=b' }],
    ['note=two words', { note: 'two words' }],
    ['', {}],
  ])('reads %j', (text, labels) => expect(parseLabels(text)).toEqual(labels));

  it.each(['ring:canary', 'site=west,ring', 'site=west,', ',', '=west', 'site=', 'a=1,a=2'])(
    'takes no label away for %j',
    (text) => {
      expect(() => parseLabels(text)).toThrow();
    },
  );

  it('asks no controller for what is no label', async () => {
    const asked = createProgram().parseAsync(
      ['device', 'label', 'cam-7', '--set', 'ring:canary', '--token', 't'],
      { from: 'user' },
    );
    await expect(asked).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });
});
