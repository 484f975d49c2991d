/**
 * `npm run bench -- downloads`: 200 simulated devices fetch a bundle of 50 MB over one uplink of 10 Mbit/s, with and without
 * peers; and how many of a fleet begin in one second. Simulated time; the tables of docs/downloads.md.
 */
import { startDelayMs, usualSpreadMs } from '../../../src/agent/index.ts';
import { type Site, simulate } from './simulate.ts';

const base: Site = {
  ...{ devices: 200, bytes: 50e6, uplinkBytesPerSecond: 10e6 / 8, peerBytesPerSecond: 10e6 },
  ...{
    peers: 0,
    spreadSeconds: 0,
    patienceSeconds: 0,
    fetchingSeconds: 0,
    registrySlots: Number.POSITIVE_INFINITY,
    retryAfterSeconds: 30,
  },
};

const rows: readonly [string, Partial<Site>][] = [
  ['no peers, all at once', {}],
  ['no peers, within 10 minutes', { spreadSeconds: 600 }],
  ['8 peers each, no patience', { peers: 8 }],
  ['8 peers each, patience 10 minutes', { peers: 8, patienceSeconds: 600 }],
  [
    'the same, and whoever hears that a peer is fetching it waits on, up to an hour',
    { peers: 8, patienceSeconds: 600, fetchingSeconds: 3600 },
  ],
  ['8 peers each, patience 30 minutes', { peers: 8, patienceSeconds: 1800 }],
  ['8 peers each, patience 1 hour (the default for 200)', { peers: 8, patienceSeconds: 3600 }],
  ['4 peers each, patience 1 hour', { peers: 4, patienceSeconds: 3600 }],
  ['8 peers each, no patience, the registry serves 2 at once', { peers: 8, registrySlots: 2 }],
  ['8 devices, no peers', { devices: 8 }],
  [
    '8 devices, 7 peers each, patience 10 minutes (the default for 8)',
    { devices: 8, peers: 7, patienceSeconds: 600 },
  ],
];

console.log('| how | over the uplink | from peers | half of them after | the last after |');
console.log('|---|---|---|---|---|');
for (const [what, change] of rows) {
  const { uplinkBytes, peerBytes, halfSeconds, lastSeconds } = simulate({ ...base, ...change }, seeded(1));
  const mb = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
  const minutes = (seconds: number) => `${(seconds / 60).toFixed(1)} min`;
  console.log(
    `| ${what} | ${mb(uplinkBytes)} | ${mb(peerBytes)} | ${minutes(halfSeconds)} | ${minutes(lastSeconds)} |`,
  );
}

console.log('\n| devices | begin within | most in one second |');
console.log('|---|---|---|');
for (const devices of [50, 200, 1000, 10_000, 100_000]) {
  const spreadMs = usualSpreadMs(devices);
  const counts = new Map<number, number>();
  for (let device = 0; device < devices; device++) {
    const second = Math.floor(startDelayMs(`camera-${device}`, 'sha256:a', spreadMs) / 1000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  console.log(`| ${devices.toLocaleString('en')} | ${spreadMs / 1000} s | ${Math.max(...counts.values())} |`);
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
