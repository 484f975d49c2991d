/**
 * `npm run bench:downloads`: 200 simulated devices fetch a bundle of 50 MB over one uplink of 10 Mbit/s, with and without
 * peers. Simulated time; the table of docs/downloads.md.
 */
import { type Site, simulate } from './simulate.ts';

const base: Site = {
  ...{ devices: 200, bytes: 50e6, uplinkBytesPerSecond: 10e6 / 8, peerBytesPerSecond: 10e6 },
  ...{
    peers: 0,
    spreadSeconds: 0,
    patienceSeconds: 0,
    registrySlots: Number.POSITIVE_INFINITY,
    retryAfterSeconds: 30,
  },
};

const rows: readonly [string, Partial<Site>][] = [
  ['no peers, all at once', {}],
  ['no peers, within 10 minutes', { spreadSeconds: 600 }],
  ['8 peers each, no patience', { peers: 8 }],
  ['8 peers each, patience 10 minutes (the default)', { peers: 8, patienceSeconds: 600 }],
  ['8 peers each, patience 30 minutes', { peers: 8, patienceSeconds: 1800 }],
  ['8 peers each, patience 1 hour', { peers: 8, patienceSeconds: 3600 }],
  ['4 peers each, patience 1 hour', { peers: 4, patienceSeconds: 3600 }],
  ['8 peers each, no patience, the registry serves 2 at once', { peers: 8, registrySlots: 2 }],
  ['8 devices, no peers', { devices: 8 }],
  [
    '8 devices, 7 peers each, patience 10 minutes (the default)',
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
