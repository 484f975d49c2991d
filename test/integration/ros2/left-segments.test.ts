import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  lutimesSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rosEnvironment } from '../../../device/dds/index.ts';
import { ddsBuilt, loadDds } from '../../../native/index.ts';
import { freeDomain } from './free-domain.ts';

const shared = '/dev/shm';
const missing = ddsBuilt('fastdds') ? '' : ' (skipped: its addon is not built)';
const { configuration } = rosEnvironment({}, 'fastdds');

/** Joins a domain, says so, and waits. */
const program = `
const [, addon, domain, configuration] = process.argv;
const { DdsParticipant } = require(addon);
const participant = new DdsParticipant({ domain: Number(domain), configuration, userData: '' });
console.log('joined');
setInterval(() => participant, 1000);
`;

const locks = () => readdirSync(shared).filter((name) => /^fast(dds|rtps)_[0-9a-f]{16}_el$/.test(name));

async function joined(domain: number) {
  const addon = join(import.meta.dirname, '../../../native/build/out/goshawk_fastdds.node');
  const before = new Set(locks());
  const child = spawn(process.execPath, ['-e', program, addon, String(domain), configuration]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  // Other tests have segments too; this process made one that was not there before.
  const made = locks().filter((name) => !before.has(name) && holds(child.pid!, name));
  return { child, lock: made[0]!, segment: made[0]!.replace(/_el$/, '') };
}

/** Of all that came meanwhile, this process has it open. */
function holds(pid: number, name: string): boolean {
  const opened = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return ''; // It was closed meanwhile.
    }
  });
  return opened.includes(join(shared, name));
}

/** What has almost the name of a lock, or is none: files that are not ours to remove. */
function strangers(): string[] {
  const id = () => randomBytes(8).toString('hex');
  const longAgo = new Date(Date.now() - 60_000);
  // Younger than now, so that it stays young however long this takes.
  const young = join(shared, `fastdds_${id()}_el`);
  const later = new Date(Date.now() + 3_600_000);
  const names = [
    `fastdds_${id()}_el2`,
    `fastdds_${id()}0_el`,
    `other_${id()}_el`,
    `fastdds_X${id().slice(1)}_el`,
  ];
  const old = names.map((name) => join(shared, name));
  const link = join(shared, `fastdds_${id()}_el`);
  for (const file of [...old, young]) writeFileSync(file, '');
  for (const file of old) utimesSync(file, longAgo, longAgo);
  utimesSync(young, later, later);
  symlinkSync(old[0]!, link);
  lutimesSync(link, longAgo, longAgo);
  const all = [...old, young, link];
  onTestFinished(() => {
    for (const file of all) rmSync(file, { force: true });
  });
  return all;
}

describe('Segments of shared memory', () => {
  it.skipIf(missing !== '')(
    `of a process that was killed are removed by the next that joins, those of the living are not${missing}`,
    { timeout: 120_000 },
    async () => {
      const domain = freeDomain();
      const dead = await joined(domain);
      const living = await joined(domain);
      dead.child.kill('SIGKILL');
      await once(dead.child, 'exit');
      // Who is killed can't remove it; were it not so, nothing would be shown here.
      expect(existsSync(join(shared, dead.segment))).toBe(true);
      const longAgo = new Date(Date.now() - 60_000);
      for (const { lock } of [dead, living]) utimesSync(join(shared, lock), longAgo, longAgo);
      const foreign = strangers();

      const { DdsParticipant } = loadDds('fastdds');
      new DdsParticipant({ domain, configuration, userData: '' }).close();

      expect([dead.lock, dead.segment].map((name) => existsSync(join(shared, name)))).toEqual([false, false]);
      expect([living.lock, living.segment].map((name) => existsSync(join(shared, name)))).toEqual([
        true,
        true,
      ]);
      for (const file of foreign) expect(existsSync(file), file).toBe(true);
    },
  );
});
