/*
 * What a round of the evaluation of drift incidents over a fleet needs, and a step of the scan before it:
 * `node --import tsx test/bench/fleet-evaluation.ts`. As in the controller a new list of the fleet comes every five
 * rounds; the first ten rounds are not counted.
 */
import { defaultEvaluationOptions, evaluateIncidents } from '../../src/controller/drift/cohort-evaluation.ts';
import { FleetScanner } from '../../src/controller/drift/fleet-scanner.ts';
import type { DeviceRegistry } from '../../src/controller/fleet/device-registry.ts';
import { driftStatus, incidentOf, incidentRow } from '../fakes/drift-events.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

const nowMs = 1_790_000_000_000;
const rounds = 300;
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

/** Runs what is due by itself, so that every step of the scan can be timed. */
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
      slots: { main: { loaded: { digest: 'm' } } },
    },
  }));
  const registry = {
    devices: () => devices.values(),
    groupNames: ({ group }: (typeof devices)[number]) => [group],
  } as unknown as DeviceRegistry;
  const clock = new StepClock();
  const scanner = new FleetScanner({ registry, clock, hasIncident: () => false });
  const steps: Took[] = [];
  // Every other one is borderline: it stays in doubt, and the false discoveries are worked out anew.
  let rows = Array.from({ length: open }, (_, i) =>
    incidentRow(incidentOf(`d${i}`, nowMs - i * 100, { believed: false }), i % 2 === 0 ? 60 : 15, nowMs),
  );
  const times: Took[] = [];
  for (let round = 0; round < rounds; round++) {
    await clock.pass(1000);
    const first = timed(() => scanner.monitoredFleet());
    if (round >= warmUp) steps.push(first.took);
    while (clock.step !== undefined) {
      const { step } = clock;
      clock.step = undefined;
      const { took } = timed(step);
      if (round >= warmUp) steps.push(took);
    }
    const fleet = scanner.monitoredFleet();
    if (fleet === undefined) continue;
    const { result, took } = timed(() =>
      evaluateIncidents(
        rows,
        rows.map((row) => row.incident),
        fleet,
        nowMs + round * 1000,
        defaultEvaluationOptions,
      ),
    );
    if (round >= warmUp) times.push(took);
    // As the registry keeps it.
    const found = new Map(result.map(({ row, incident }) => [row, { ...row, incident }]));
    rows = rows.map((row) => found.get(row) ?? row);
  }
  console.log(
    `${cameras} cameras, ${open} open incidents: a round ${words(times, 'cpuMs')} of CPU, ${words(times, 'clockMs')} by the clock; a step of the scan ${words(steps, 'cpuMs')} of CPU`,
  );
}
