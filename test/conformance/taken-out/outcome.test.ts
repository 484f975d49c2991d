import { describe, expect, it } from 'vitest';
import { outcomeOf, rangeOf, verdictOf } from './outcome.ts';

const coded = (code: string) => Object.assign(new Error(`spawnSync node ${code}`), { code });
const said = '{"wasLoaded":true,"failed":["a: b"]}';

describe('Which checks are taken out', () => {
  it.each([
    [[], { from: 0, until: 9 }],
    [['3'], { from: 3, until: 9 }],
    [['3', '4'], { from: 3, until: 4 }],
  ])('is said by %j', (words, range) => {
    expect(rangeOf(words, 9)).toEqual(range);
  });

  it.each([
    [['x'], 'this is none: x.'],
    [['-1'], 'this is none: -1.'],
    [['1.5'], 'this is none: 1.5.'],
    [[''], 'this is none: .'],
    [['9'], 'these are 9 and 9.'],
    [['4', '3'], 'these are 4 and 3.'],
    [['0', '10'], 'these are 0 and 10.'],
    [['0', '1', '2'], 'these are 3 words.'],
  ])('is not said by %j: none would be, and it would be well', (words, problem) => {
    expect(rangeOf(words, 9)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

describe('What came of a trial without a check', () => {
  it.each([
    ['a test turned red', { stdout: `noise\n${said}\n`, stderr: '' }, 'a: b', true],
    ['red, and slow to end', { stdout: `${said}\n`, stderr: '', error: coded('ETIMEDOUT') }, 'a: b', true],
    ['no test turned red', { stdout: '{"wasLoaded":true,"failed":[]}', stderr: '' }, '**none**', false],
    [
      'the file was not loaded',
      { stdout: '{"wasLoaded":false,"failed":["a"]}', stderr: '' },
      '**not loaded**',
      false,
    ],
    ['no end', { stdout: '', stderr: '', error: coded('ETIMEDOUT') }, '**does not end**', false],
  ] as const)('%s', (_name, ended, by, isMissed) => {
    expect(verdictOf(outcomeOf(ended))).toEqual({ by, isMissed });
  });

  it.each([
    ['no memory for a process', { stdout: '', stderr: '', error: coded('ENOMEM') }, 'ENOMEM'],
    ['more words than there is room for', { stdout: '', stderr: '', error: coded('ENOBUFS') }, 'ENOBUFS'],
    ['a fault of its own', { stdout: '', stderr: 'SyntaxError: no' }, 'SyntaxError: no'],
  ])('says nothing where the trial itself failed: %s', (_name, ended, words) => {
    expect(() => outcomeOf(ended)).toThrow(words);
  });
});
