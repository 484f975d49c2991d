/**
 * Processes with the role ingest are killed one after the other while devices send: `node --import tsx
 * test/bench/ingest-chaos.ts [--seconds 240] [--every 20] [--devices 10] [--period 500]`. At the end each event and each batch
 * that was accepted must be in PostgreSQL once. Prints the counts, and after what time entries were acknowledged.
 */
import { parseArgs } from 'node:util';
import type { Program } from '../integration/fleet/program.ts';
import { SharedDatabase } from '../integration/fleet/shared-database.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '240' },
    every: { type: 'string', default: '20' },
    devices: { type: 'string', default: '10' },
    period: { type: 'string', default: '500' },
  },
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const fleet = await SharedDatabase.start({ devices: Number(values.devices) });
const leader = fleet.program('leader', { roles: ['control'] });
await leader.line('started');
let names = 0;
const start = (): Program => {
  names += 1;
  return fleet.program(`ingest-${names}`, { roles: ['ingest'], ingest: { client: `ingest-${names}` } });
};
let running = [start(), start()];
for (const one of running) await one.line('started');
await fleet.devices.start(Number(values.period));
const begin = performance.now();
let kills = 0;
let most = 0;
const watch = setInterval(() => {
  most = Math.max(most, fleet.devices.waiting);
}, 100);
while (performance.now() - begin < Number(values.seconds) * 1000) {
  await pause(Number(values.every) * 1000);
  const [first, ...others] = running;
  const next = start();
  await first?.end('SIGKILL');
  kills += 1;
  await next.line('started');
  running = [...others, next];
}
clearInterval(watch);
const stored = await fleet.stored();
const { sent } = fleet.devices;
const right = JSON.stringify(stored) === JSON.stringify(fleet.expected);
console.log(
  `${kills} kills in ${Math.round((performance.now() - begin) / 1000)} s; ${sent} events and ${sent} batches sent; stored ${stored.events} events (${stored.distinctEvents} ids), ${stored.batches} batches; lost ${sent - stored.distinctEvents}, doubled ${stored.events - stored.distinctEvents}; most unacknowledged at once ${most}`,
);
await fleet.close();
if (!right) process.exitCode = 1;
