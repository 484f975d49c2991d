/**
 * The weights of `src/drift/verdict/expected-loss.ts`: fitted to what `drift-real --parts FILE` wrote, none below zero, and judged
 * by leaving whole videos out.
 *
 *   node --import tsx test/bench/drift/real/fit.ts FILE...
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { harms } from '../../../../src/drift/verdict/expected-loss.ts';
import type { Case } from './cases.ts';
import type { Said } from './episode.ts';
import { correlation } from './report.ts';

interface Parts {
  readonly video: string;
  readonly fault: string;
  readonly held: boolean;
  readonly answers: boolean;
  readonly loss: number;
  readonly parts: Readonly<Record<string, number>>;
}

export function partsOf(cells: Readonly<Record<string, string>>, one: Case, said: Said): Parts {
  const { corruption, loss } = one;
  const { held, family } = corruption;
  const answers = family === 'answers';
  return { video: cells.video!, fault: cells.fault!, held, answers, loss, parts: said.lossParts };
}

const names = Object.keys(harms) as (keyof typeof harms)[];
/** What no video says: see there. */
const given: readonly string[] = ['covered', 'answer'] satisfies (keyof typeof harms)[];
/** Pulls a weight that the videos say nothing of to what it was. */
const pull = 0.3;

/** Least squares of the loss itself by descent along each weight. */
function weightsOf(rows: readonly Parts[]): number[] {
  const before = names.map((name): number => harms[name].worth);
  const weights = [...before];
  const error = (): number =>
    rows.reduce((sum, row) => sum + (expected(row, weights) - Math.max(0, row.loss)) ** 2, 0) +
    pull * weights.reduce((sum, weight, i) => sum + (weight - before[i]!) ** 2, 0);
  for (let step = 0.2; step > 0.005; step /= 2)
    for (let better = true; better; ) {
      better = false;
      for (const i of weights.keys()) {
        if (given.includes(names[i]!)) continue;
        for (const change of [step, -step]) {
          const [was, least] = [weights[i]!, error()];
          weights[i] = Math.max(0, was + change);
          if (error() < least - 1e-9) better = true;
          else weights[i] = was;
        }
      }
    }
  return weights;
}

function expected({ parts }: Parts, weights: readonly number[]): number {
  return 1 - Math.exp(-names.reduce((sum, name, i) => sum + weights[i]! * (parts[name] ?? 0), 0));
}

function judge(title: string, rows: readonly Parts[], said: (row: Parts) => number): void {
  const points = (some: readonly Parts[]) => some.map((row): [number, number] => [said(row), row.loss]);
  const share = (some: readonly Parts[], all: readonly Parts[]) =>
    (some.length / Math.max(1, all.length)).toFixed(2);
  const alarmed = rows.filter((row) => said(row) > 0.1);
  const harmed = rows.filter(({ loss }) => loss > 0.1);
  const both = alarmed.filter((row) => harmed.includes(row));
  const errors = rows.map((row) => row.loss - said(row)).toSorted((a, b) => a - b);
  const at = (q: number) => errors[Math.floor(q * (errors.length - 1))]!.toFixed(2);
  console.log(
    `${title}: ${rows.length}; correlation ${correlation(points(rows)).toFixed(2)} (pictures ${correlation(points(rows.filter(({ answers }) => !answers))).toFixed(2)}, answers ${correlation(points(rows.filter(({ answers }) => answers))).toFixed(2)}); harm: precision ${share(both, alarmed)}, recall ${share(both, harmed)}; error of 80 % within ${at(0.1)} and ${at(0.9)}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const all = process.argv
    .slice(2)
    .flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as Parts[])
    .filter(
      ({ parts, fault }) => Object.values(parts).some((part) => part > 0) && !/^(crowd|empty)/.test(fault),
    );
  const tuned = all.filter(({ held }) => !held);
  const weights = weightsOf(tuned);
  for (const [i, name] of names.entries())
    console.log(`${name.padEnd(12)} ${harms[name].worth.toFixed(2)} -> ${weights[i]!.toFixed(2)}`);
  const now = names.map((name): number => harms[name].worth);
  judge('as it is, all', all, (row) => expected(row, now));
  judge('fitted, tuned kinds', tuned, (row) => expected(row, weights));
  judge(
    'fitted, reported kinds',
    all.filter(({ held }) => held),
    (row) => expected(row, weights),
  );
  const videos = [...new Set(all.map(({ video }) => video))];
  const without = new Map(
    videos.map((left) => [left, weightsOf(tuned.filter(({ video }) => video !== left))]),
  );
  for (const video of videos)
    judge(
      `${video}, left out`,
      all.filter((row) => row.video === video),
      (row) => expected(row, without.get(video)!),
    );
  judge('every video as it was left out', all, (row) => expected(row, without.get(row.video)!));
}
