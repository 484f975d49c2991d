/** One way to do a stage. `run` does it `iterations` times and gives the milliseconds of each. */
export interface Candidate {
  readonly name: string;
  /** Ours are compared with the peers, never the other way round. */
  readonly ours: boolean;
  run(iterations: number): Promise<number[]>;
}

/** What a row promises: `ours` takes at most `atMost` times what `peer` takes, or is `timesFaster` at least. */
export type Bound = { readonly ours: string; readonly peer: string; readonly comparison?: true } & (
  | { readonly atMost: number }
  | { readonly timesFaster: number }
);

export interface Stage {
  readonly name: string;
  readonly iterations: number;
  readonly candidates: readonly Candidate[];
  readonly bounds: readonly Bound[];
}

/** One candidate's numbers; the key carries the unit, e.g. `medianMs`, `frames`, `rssMb`. */
export interface Row {
  readonly name: string;
  readonly ours: boolean;
  readonly values: Readonly<Record<string, number>>;
}

/** One number beside its bound. */
export interface Verdict {
  readonly what: string;
  /** Of ours to the peer's (or turned round, where a bound says how much faster); else in `unit`. */
  readonly value: number;
  readonly unit: 'x' | 'ms' | '%' | 'mAP' | 'frames/s';
  readonly sense: 'at most' | 'at least';
  readonly bound: number;
  readonly met: boolean;
  /** No bound of the project: the same measure taken of a side configuration, or of an easier peer. Counted apart. */
  readonly comparison?: true;
  /** The lowest and the highest of the rounds, where there were several. */
  readonly spread?: readonly [number, number];
}

export interface StageReport {
  readonly stage: string;
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  /** What a reader must know to judge the numbers: results that differ, peers that are absent. */
  readonly notes: readonly string[];
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** The median, so that one disturbed round does not decide. */
export function judge(
  what: string,
  values: readonly number[],
  sense: Verdict['sense'],
  bound: number,
  unit: Verdict['unit'] = 'x',
): Verdict {
  const value = quantile(values, 0.5);
  const met = sense === 'at most' ? value <= bound : value >= bound;
  const spread = values.length > 1 ? ([Math.min(...values), Math.max(...values)] as const) : undefined;
  return { what, value, unit, sense, bound, met, ...(spread === undefined ? {} : { spread }) };
}

/** A side configuration shows where a result comes from; it promises nothing. */
export function forComparison(verdict: Verdict): Verdict {
  return { ...verdict, comparison: true };
}

/** Round by round, what ours is to the peer's. */
export function ratios(ours: readonly number[], peer: readonly number[]): number[] {
  return ours.map((value, round) => value / (peer[round] ?? Number.NaN));
}

/**
 * Runs the candidates in turn, round by round, so that a machine that slows down slows all of them; the first round
 * warms up and is not counted, and every other round goes backwards, so that nobody always follows the same neighbour.
 * A ratio is taken inside each round, from the fastest run of each, then the median of the rounds.
 *
 * The fastest, because a scheduler on a busy machine interrupts long work and spares short work: work that is 20 times
 * another was seen as 40 times by medians and 20.1 times by the fastest, with eight processes on two cores.
 */
export async function measure(
  stage: Stage,
  rounds: number,
  progress: (text: string) => void,
): Promise<StageReport> {
  const fastest = new Map<string, number[]>(stage.candidates.map(({ name }) => [name, []]));
  const all = new Map<string, number[]>(stage.candidates.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? stage.candidates : stage.candidates.toReversed();
    for (const candidate of order) {
      progress(`${stage.name}: round ${round} of ${rounds}, ${candidate.name}`);
      const times = await candidate.run(stage.iterations);
      if (round === 0) continue;
      fastest.get(candidate.name)?.push(Math.min(...times));
      all.get(candidate.name)?.push(...times);
    }
  }
  return {
    stage: stage.name,
    rows: stage.candidates.map(({ name, ours }) => ({
      name,
      ours,
      values: {
        fastestMs: quantile(fastest.get(name) ?? [], 0.5),
        medianMs: quantile(all.get(name) ?? [], 0.5),
        p99Ms: quantile(all.get(name) ?? [], 0.99),
      },
    })),
    verdicts: stage.bounds.flatMap((bound) => {
      const { ours, peer } = bound;
      const mine = fastest.get(ours);
      const theirs = fastest.get(peer);
      if (!mine || !theirs) return [];
      const verdict =
        'atMost' in bound
          ? judge(`${ours} / ${peer}`, ratios(mine, theirs), 'at most', bound.atMost)
          : judge(`${peer} / ${ours}`, ratios(theirs, mine), 'at least', bound.timesFaster);
      return [bound.comparison ? forComparison(verdict) : verdict];
    }),
    notes: [],
  };
}

/** A candidate from a function that is timed in this process. */
export function timed(name: string, once: (index: number) => unknown, ours = true): Candidate {
  return {
    name,
    ours,
    async run(iterations) {
      const times: number[] = [];
      for (let index = 0; index < iterations; index++) {
        const begin = performance.now();
        const result = once(index);
        if (result instanceof Promise) await result;
        times.push(performance.now() - begin);
      }
      return times;
    },
  };
}
