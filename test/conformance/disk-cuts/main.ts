/**
 * `npm run check -- disk-cuts [CUTS] [SEED]`: what a device has on its disk, on a real ext4 whose power is cut. Writes and flushes of
 * the disk are recorded while the device lives; then the disk is put together as it was before a write drawn by chance, with what
 * no flush had made sure there or not, the last write torn, and mounted. Needs root, FUSE, loop devices and qemu-storage-daemon.
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustWorld } from '../../fixtures/trust-world.ts';
import { faultsIn, live, type Promised } from './device-state.ts';
import { RecordedFileSystem, whyNot } from './recorded-file-system.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const cuts = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? 1);
const reason = whyNot();
if (reason !== undefined) {
  say(`skipped: ${reason}`);
  process.exit(0);
}

/** Mulberry32. */
function seeded(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const world = await TrustWorld.make();
const anchor = world.anchor();
// The disk that is cut is a file: in memory nothing waits for the disk of this machine.
const place = process.env.TMPDIR ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
const system = new RecordedFileSystem(mkdtempSync(join(place, 'goshawk-disk-cuts-')));
try {
  let promised: Promised[] = [];
  await system.record(async () => {
    promised = await live(world, anchor, system.mounted, () => system.moment);
  });
  const { entries } = system;
  const flushes = entries.filter(({ flush }) => flush).length;
  say(`recorded: ${entries.length - flushes} writes, ${flushes} flushes`);
  const chance = seeded(seed);
  let bad = 0;
  let lost = 0;
  /** How many cuts came while each version was the last that the device had promised. */
  const states = new Map<string, number>();
  const beganMs = performance.now();
  for (let nth = 0; nth < cuts; nth++) {
    const end = Math.floor(chance() * (entries.length + 1));
    const cut = system.cut(entries, end, chance);
    lost += cut.lost;
    const moment = entries[end]?.data ?? Number.POSITIVE_INFINITY;
    const last = promised.filter((one) => one.moment <= moment).at(-1);
    const state = last?.admitted ?? 'none';
    states.set(state, (states.get(state) ?? 0) + 1);
    const faults = await faultsIn(world, anchor, system.mounted, last);
    system.unmount();
    if (faults.length === 0) continue;
    bad += 1;
    say(`BAD cut ${nth}, before entry ${end}: ${JSON.stringify(cut)}`);
    for (const fault of faults) say(`    ${fault}`);
  }
  const each = Math.round((performance.now() - beganMs) / Math.max(1, cuts));
  const spread = [...states].sort().map(([state, count]) => `${state}: ${count}`);
  say(`after the promise of ${spread.join(', ')}; ${each} ms for each cut`);
  say(`${cuts} cuts, ${lost} writes lost in all, ${bad} devices that did not come up as they had promised`);
  process.exitCode = bad === 0 ? 0 : 1;
} finally {
  system.close();
}
