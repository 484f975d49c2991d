import { describe, expect, test } from 'vitest';
import { sumOf } from '../../../deploy/checkout/test-sum.mjs';

const run = (name: string, status: number, ...lines: string[]) => ({
  name,
  status,
  output: lines.join('\n'),
});

describe('The closing line of several runs', () => {
  test('adds up what each run counted', () => {
    const runs = [
      run('a', 0, '9 passed, 0 failed', 'x', '10 passed, 0 failed, 2 skipped', ''),
      run('b', 0, '5 passed, 0 failed, 1 skipped'),
    ];
    expect(sumOf(runs)).toEqual({ line: '15 passed, 0 failed, 3 skipped', problems: [] });
  });

  test('names the run that failed', () => {
    const { line, problems } = sumOf([run('a', 1, '9 passed, 1 failed, 0 skipped')]);
    expect(line).toBe('9 passed, 1 failed, 0 skipped');
    expect(problems).toEqual(['a failed (status 1): 9 passed, 1 failed']);
  });

  test('says below it what it said of each failed test', () => {
    const failed = 'failed: test/a.test.ts: A thing works: expected 1 to be 2';
    const { problems } = sumOf([
      run('a', 1, failed, '9 passed, 1 failed, 0 skipped'),
      run('b', 0, '1 passed, 0 failed'),
    ]);
    expect(problems).toEqual(['a failed (status 1): 9 passed, 1 failed', failed]);
  });

  test('counts a run that failed with no failed test as one failure', () => {
    expect(sumOf([run('a', 1, '9 passed, 0 failed, 0 skipped')]).line).toBe('9 passed, 1 failed, 0 skipped');
  });

  test('counts a run without a closing line as one failure, whatever its status', () => {
    const { line, problems } = sumOf([run('a', 0, 'nothing here')]);
    expect(line).toBe('0 passed, 1 failed, 0 skipped');
    expect(problems).toHaveLength(1);
  });
});
