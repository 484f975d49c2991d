import { latencyWords } from '../../base/index.ts';
import type { SelftestResult } from '../../runtime/index.ts';
import type { Output } from '../output.ts';

const marks = { works: 'ok', absent: '--', untried: '??', fails: '!!' } as const;

export function printSelftest(out: Output, { ok, report }: SelftestResult): void {
  const { board, trials, seconds } = report;
  const width = Math.max(...trials.map(({ name }) => name.length));
  let group: string | undefined;
  for (const trial of trials) {
    if (trial.group !== group) out.line(`${group === undefined ? '' : '\n'}${trial.group}`);
    group = trial.group;
    out.line(`  ${marks[trial.state]}  ${trial.name.padEnd(width)}  ${trial.detail}`);
    if (trial.remedy !== undefined) out.line(`      ${' '.repeat(width)}  -> ${trial.remedy}`);
  }
  const count = (state: string) => trials.filter((one) => one.state === state).length;
  out.line();
  out.line(
    `${board.name}: ${count('works')} work, ${count('fails')} fail, ${count('absent')} are not there, ${count('untried')} were not tried; ${latencyWords(seconds * 1000)}.`,
  );
  out.line('ok: works, !!: there or needed and fails, --: not there, ??: there and not tried');
  out.value({ ok, ...report });
}
