import type { GraphRunner, LoadedGraph, RunTensors } from '../runner.ts';

export interface Latency {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly runs: number;
}

const warmUps = 3;

/**
 * Time in the engine per model, interleaved: every round runs each model once, so that a busy moment of the machine
 * hits all of them and ratios hold even where absolute times don't.
 */
export async function measureLatency(
  models: readonly Uint8Array[],
  runner: GraphRunner,
  input: RunTensors,
  rounds: number,
): Promise<Latency[]> {
  const loaded: LoadedGraph[] = [];
  try {
    for (const model of models) loaded.push(await runner.load(model));
    const times: number[][] = models.map(() => []);
    for (let round = -warmUps; round < rounds; round += 1) {
      for (let turn = 0; turn < loaded.length; turn += 1) {
        // The order turns with the rounds: whoever follows a large model finds the caches cold.
        const at = (turn + round + warmUps) % loaded.length;
        const elapsedMs = (await loaded[at]?.run(input))?.elapsedMs ?? 0;
        if (round >= 0) times[at]?.push(elapsedMs);
      }
    }
    return times.map(summary);
  } finally {
    for (const graph of loaded) await graph.close();
  }
}

function summary(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), runs: sorted.length };
}
