/** One way to do a stage. `run` does it `iterations` times and gives the milliseconds of each. */
export interface Candidate {
  readonly name: string;
  /** Ours are compared with the peers, never the other way round. */
  readonly ours: boolean;
  run(iterations: number): Promise<number[]>;
}

/** What a row promises: `ours` takes at most `atMost` times what `peer` takes. */
export interface Bound {
  readonly ours: string;
  readonly peer: string;
  readonly atMost: number;
}

export interface Stage {
  readonly name: string;
  readonly iterations: number;
  readonly candidates: readonly Candidate[];
  readonly bounds: readonly Bound[];
}

export interface Ratio extends Bound {
  /** Median over the rounds of (median of ours / median of the peer) in the same round. */
  readonly ratio: number;
  readonly met: boolean;
}

export interface StageReport {
  readonly stage: string;
  /** Milliseconds: median over all iterations of all rounds, and the 99th percentile. */
  readonly times: readonly { name: string; ours: boolean; medianMs: number; p99Ms: number }[];
  readonly ratios: readonly Ratio[];
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/**
 * Runs the candidates in turn, round by round, so that a machine that slows down slows all of them; the first round
 * warms up and is not counted. A ratio is taken inside each round, then the median of the rounds.
 */
export async function measure(stage: Stage, rounds: number, progress: (text: string) => void): Promise<StageReport> {
  const medians = new Map<string, number[]>();
  const all = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const candidate of stage.candidates) {
      progress(`${stage.name}: round ${round} of ${rounds}, ${candidate.name}`);
      const times = await candidate.run(stage.iterations);
      if (round === 0) continue;
      medians.set(candidate.name, [...(medians.get(candidate.name) ?? []), quantile(times, 0.5)]);
      all.set(candidate.name, [...(all.get(candidate.name) ?? []), ...times]);
    }
  }
  const ratios = stage.bounds.flatMap((bound) => {
    const ours = medians.get(bound.ours);
    const peer = medians.get(bound.peer);
    if (!ours || !peer) return [];
    const ratio = quantile(
      ours.map((value, round) => value / (peer[round] ?? Number.NaN)),
      0.5,
    );
    return [{ ...bound, ratio, met: ratio <= bound.atMost }];
  });
  return {
    stage: stage.name,
    times: stage.candidates.map(({ name, ours }) => ({
      name,
      ours,
      medianMs: quantile(all.get(name) ?? [], 0.5),
      p99Ms: quantile(all.get(name) ?? [], 0.99),
    })),
    ratios,
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
