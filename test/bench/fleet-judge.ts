/*
 * What a turn of the fleet's judge needs, and a step of its survey: `node --import tsx test/bench/fleet-judge.ts`. As in the
 * controller a new list of the fleet comes every five turns; the first ten turns are not counted.
 */
import { defaultJudgeOptions, judgeFleet } from '../../src/controller/drift/cohort-evaluation.ts';
import { FleetScanner } from '../../src/controller/drift/fleet-scanner.ts';
import type { Registry } from '../../src/controller/fleet/registry.ts';
import { driftStatus, incidentOf, incidentRow } from '../fakes/drift-news.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const nowMs = 1_790_000_000_000;
const turns = 300;
const warmUp = 10;
const sizes = [
  [100, 10],
  [1000, 50],
  [1000, 500],
  [10_000, 50],
  [10_000, 2000],
] as const;

interface Took {
  readonly cpuMs: number;
  readonly clockMs: number;
}

function timed<T>(work: () => T): { readonly result: T; readonly took: Took } {
  const before = process.cpuUsage();
  const begin = performance.now();
  const result = work();
  const clockMs = performance.now() - begin;
  const { user, system } = process.cpuUsage(before);
  return { result, took: { cpuMs: (user + system) / 1000, clockMs } };
}

function words(times: readonly Took[], what: keyof Took): string {
  const sorted = times.map((time) => time[what]).sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  return `median ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)} ms`;
}

/** Runs what is due by itself, so that every step of the survey can be timed. */
class StepClock extends FakeClock {
  step: (() => void) | undefined;

  override after(_: number, run: () => void): () => void {
    this.step = run;
    return () => {};
  }
}

for (const [cameras, open] of sizes) {
  const devices = Array.from({ length: cameras }, (_, i) => ({
    ...{ id: `d${i}`, online: true, group: `g${i % 40}` },
    reported: {
      ...{ drift: { front: driftStatus() }, pipelines: {} },
      models: [{ digest: 'm', cameras: ['front'] }],
    },
  }));
  const registry = {
    devices: () => devices.values(),
    groupNames: ({ group }: (typeof devices)[number]) => [group],
  } as unknown as Registry;
  const clock = new StepClock();
  const survey = new FleetScanner({ registry, clock, hasIncident: () => false });
  const steps: Took[] = [];
  // Every other one is borderline: it stays in doubt, and the false discoveries are worked out anew.
  let rows = Array.from({ length: open }, (_, i) =>
    incidentRow(incidentOf(`d${i}`, nowMs - i * 100, { believed: false }), i % 2 === 0 ? 60 : 15, nowMs),
  );
  const times: Took[] = [];
  for (let turn = 0; turn < turns; turn++) {
    await clock.pass(1000);
    const first = timed(() => survey.fleet());
    if (turn >= warmUp) steps.push(first.took);
    while (clock.step !== undefined) {
      const { step } = clock;
      clock.step = undefined;
      const { took } = timed(step);
      if (turn >= warmUp) steps.push(took);
    }
    const fleet = survey.fleet();
    if (fleet === undefined) continue;
    const { result, took } = timed(() =>
      judgeFleet(
        rows,
        rows.map((row) => row.incident),
        fleet,
        nowMs + turn * 1000,
        defaultJudgeOptions,
      ),
    );
    if (turn >= warmUp) times.push(took);
    // As the book keeps it.
    const found = new Map(result.map(({ row, incident }) => [row, { ...row, incident }]));
    rows = rows.map((row) => found.get(row) ?? row);
  }
  console.log(
    `${cameras} cameras, ${open} open incidents: a turn ${words(times, 'cpuMs')} of CPU, ${words(times, 'clockMs')} by the clock; a step of the survey ${words(steps, 'cpuMs')} of CPU`,
  );
}
