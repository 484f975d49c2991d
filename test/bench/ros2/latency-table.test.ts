import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { compareTurns, type Turn } from './latency-table.ts';
import { endWithin, runLimited } from './limited-run.ts';

const turn = (frames: number, p50: number): Turn => ({ frames, latencyMs: [p50, 2 * p50] });
const hung: Turn = undefined;

describe('A row of the latencies', () => {
  it.each<[what: string, plain: Turn[], ours: Turn[], verdict: string, met: boolean]>([
    ['as good', [turn(300, 2), turn(300, 2)], [turn(300, 2), turn(299, 2.2)], 'met', true],
    ['too slow', [turn(300, 2)], [turn(300, 2.5)], 'MISSED', false],
    ['too few', [turn(300, 2)], [turn(290, 2)], 'MISSED', false],
    ['of hardly any', [turn(3, 2)], [turn(1, 9)], 'too few to compare', true],
    [
      'without the turn in which the plain program hung',
      [hung, turn(300, 2)],
      [turn(0, 9), turn(300, 2)],
      'met, without 1 in which the plain program hung',
      true,
    ],
    ['that says nothing', [hung, hung], [turn(300, 2), turn(300, 2)], 'the plain program hung', true],
    ['in which ours hung', [turn(300, 2), hung], [turn(300, 2), hung], 'MISSED: ours hung', false],
  ])('is %s', (_, plain, ours, verdict, met) => {
    const compared = compareTurns(plain, ours, 300);
    expect([compared.cells.at(-1), compared.met]).toEqual([verdict, met]);
    expect(compared.cells).toHaveLength(5);
  });

  it('says what each turn gave', () => {
    const { cells } = compareTurns(
      [turn(300, 2), hung, turn(0, 1)],
      [turn(150, 12), turn(300, 2), turn(0, 1)],
      300,
    );
    expect(cells.slice(0, 2)).toEqual(['50.0 % (2.0, 4.0; hung; -)', '50.0 % (12, 24; 2.0, 4.0; -)']);
  });
});

describe('A program of a bench', () => {
  const { env } = process;
  const stuck = "process.on('SIGTERM', () => {}); process.stdout.write('said'); setInterval(() => {}, 1000);";

  it('is ended where it hangs, though it does not hear a polite signal', async () => {
    expect((await runLimited(process.execPath, ['-e', stuck], { env, limitMs: 200 })).hung).toBe(true);
    const child = spawn(process.execPath, ['-e', stuck], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    await endWithin(child, 50);
    expect(child.signalCode).toBe('SIGKILL');
    await endWithin(child, 50);
  });

  it('that ends is heard to its end, and throws where it ends badly', async () => {
    const limit = { env, limitMs: 600_000 };
    expect(await runLimited(process.execPath, ['-e', "process.stdout.write('all')"], limit)).toEqual({
      ...{ stdout: 'all', hung: false },
    });
    await expect(runLimited(process.execPath, ['-e', 'process.exit(3)'], limit)).rejects.toThrow();
  });
});
