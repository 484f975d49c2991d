/* How long one turn of the fleet's judge takes: `node --import tsx test/bench/fleet-judge.ts`. */
import {
  defaultJudgeOptions,
  judgeFleet,
  type WatchedCamera,
  WatchedFleet,
} from '../../src/controller/drift/judge.ts';
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
  let rows = Array.from({ length: open }, (_, i) =>
    incidentRow(incidentOf(`d${i}`, nowMs - i * 100), 60, nowMs),
  );
  const times = Array.from({ length: turns }, (_, turn) => {
    const recent = rows.map((row) => row.incident);
    const before = performance.now();
    const judged = judgeFleet(rows, recent, fleet, nowMs + turn * 1000, defaultJudgeOptions);
    const tookMs = performance.now() - before;
    // As the book keeps it.
    const found = new Map(judged.map(({ row, incident }) => [row, { ...row, incident }]));
    rows = rows.map((row) => found.get(row) ?? row);
    return tookMs;
  }).sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * turns)] ?? 0).toFixed(2);
  console.log(`${cameras} cameras, ${open} open incidents: median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
}
