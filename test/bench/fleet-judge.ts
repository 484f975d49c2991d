/* How long one turn of the fleet's judge takes, and one step of its survey: `node --import tsx test/bench/fleet-judge.ts`. */
import { defaultJudgeOptions, judgeFleet } from '../../src/controller/drift/judge.ts';
import { type WatchedCamera, WatchedFleet } from '../../src/controller/drift/watched-fleet.ts';
import { incidentOf, incidentRow } from '../fakes/drift-news.ts';

const nowMs = 1_790_000_000_000;
const turns = 300;
const sizes = [
  [100, 10],
  [1000, 50],
  [1000, 500],
  [10_000, 50],
  [10_000, 2000],
] as const;

for (const [cameras, open] of sizes) {
  const watched: WatchedCamera[] = Array.from({ length: cameras }, (_, i) => ({
    ...{ device: `d${i}`, camera: 'front', groups: [`g${i % 40}`], model: 'm', judged: true },
    falseAlarmDays: 30,
  }));
  const fleet = new WatchedFleet(watched);
  // Every other one is borderline: it stays in doubt, and the false discoveries are worked out anew.
  let rows = Array.from({ length: open }, (_, i) =>
    incidentRow(incidentOf(`d${i}`, nowMs - i * 100, { believed: false }), i % 2 === 0 ? 60 : 15, nowMs),
  );
  const times = Array.from({ length: turns }, (_, turn) => {
    const recent = rows.map((row) => row.incident);
    const before = process.cpuUsage();
    const begin = performance.now();
    const judged = judgeFleet(rows, recent, fleet, nowMs + turn * 1000, defaultJudgeOptions);
    const clockMs = performance.now() - begin;
    const { user, system } = process.cpuUsage(before);
    const cpuMs = (user + system) / 1000;
    // As the book keeps it.
    const found = new Map(judged.map(({ row, incident }) => [row, { ...row, incident }]));
    rows = rows.map((row) => found.get(row) ?? row);
    return { cpuMs, clockMs };
  });
  const at = (share: number, what: 'cpuMs' | 'clockMs') =>
    times
      .map((time) => time[what])
      .sort((a, b) => a - b)
      [Math.min(turns - 1, Math.floor(share * turns))]!.toFixed(2);
  const words = (what: 'cpuMs' | 'clockMs') =>
    `median ${at(0.5, what)}, p95 ${at(0.95, what)}, most ${at(1, what)} ms`;
  console.log(
    `${cameras} cameras, ${open} open incidents: CPU ${words('cpuMs')}; by the clock ${words('clockMs')}`,
  );
}
