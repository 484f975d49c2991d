import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ThreadLearner } from '../../../../src/adapters/learning/index.ts';
import { readKept, removeKept, writeKept } from '../../../../src/adapters/learning/kept-file.ts';
import type { LearnerOptions } from '../../../../src/agent/index.ts';
import { type GoshawkError, silentLog } from '../../../../src/base/index.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { digest, ToyCamera } from '../../drift/toy-camera.ts';

vi.setConfig({ testTimeout: 600_000 });

const lost: GoshawkError[] = [];
const options: LearnerOptions = {
  ...{ modelDigest: digest, camera: 'toy', viewSeconds: 60, order: 'first', keepEverySeconds: 60 },
  onLost: (error) => void lost.push(error),
};
const feed = (learner: ThreadLearner, camera: ToyCamera, seconds: number) => {
  for (let i = 0; i < seconds * camera.fps; i++) {
    const { thumbnail, result, atMs } = camera.next();
    learner.observe(thumbnail, result, atMs);
  }
};
const until = (holds: () => boolean | Promise<boolean>) =>
  vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 30_000 });

const minutesIn = async (path: string) =>
  Number(/"blocksSeen":(\d+)/.exec((await readKept(path))?.state.head ?? '')?.[1] ?? 0);

/** Learns for so long and stops without a word. */
async function keep(path: string, seconds: number, own: Partial<LearnerOptions> = {}): Promise<number> {
  const learner = new ThreadLearner({ ...options, ...own }, { path, log: silentLog });
  feed(learner, new ToyCamera(1), seconds);
  await until(() => learner.progress.ticks > seconds - 20 && existsSync(path));
  learner.close();
  return learner.progress.ticks;
}

let once: Promise<Buffer> | undefined;
/** A file that was kept: learned once for all that damage it. */
function whole(): Promise<Buffer> {
  once ??= (async () => {
    const path = join(temporaryFolder(), 'toy.learning');
    await keep(path, 200);
    return readFileSync(path);
  })();
  return once;
}

/** Starts on a file; gives the seconds that it begins with. */
async function begin(path: string, own: Partial<LearnerOptions> = {}): Promise<ThreadLearner> {
  lost.length = 0;
  const learner = new ThreadLearner({ ...options, ...own }, { path, log: silentLog });
  feed(learner, new ToyCamera(2), 30);
  await until(() => learner.progress.ticks > 10);
  return learner;
}

// What it promises as a Learner is in test/contract/learner.ts.
describe('What was learned so far', () => {
  it('is there after the process was killed, and learning ends as if it had not been', async () => {
    const path = join(temporaryFolder(), 'profiles', 'toy.learning');
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'test/unit/adapters/learning/learn-until-killed.ts', path],
      { stdio: 'inherit' },
    );
    await until(async () => (await minutesIn(path)) >= 5);
    await killed(child);
    const learner = await begin(path);
    expect(learner.progress.ticks).toBeGreaterThanOrEqual(60 + 5 * 60);
    feed(learner, new ToyCamera(3), 500);
    const { profile } = await learner.finish();
    expect(profile.buckets[0]?.ticks).toBeGreaterThan(60 + 5 * 60 + 400);
    expect(lost).toEqual([]);
    learner.discard();
    await until(() => readdirSync(join(path, '..')).length === 0);
  });

  it.each<[string, (file: Buffer) => Uint8Array]>([
    ['cut short', (file) => file.subarray(0, file.length - 100)],
    ['empty', () => Buffer.alloc(0)],
    ['something else', () => Buffer.from('{"schema":2}\n')],
    ['changed in one bit', (file) => file.map((byte, at) => (at === file.length - 9 ? byte ^ 1 : byte))],
  ])('is refused once where it is %s, and learning begins anew', async (_, damage) => {
    const path = join(temporaryFolder(), 'toy.learning');
    writeFileSync(path, damage(await whole()));
    const learner = await begin(path);
    expect(lost).toMatchObject([
      {
        code: 'learning-damaged',
        message: expect.stringContaining(path),
        remedy: expect.stringMatching(/again/),
      },
    ]);
    expect(learner.progress.ticks).toBeLessThan(40);
    expect(existsSync(path)).toBe(false);
    learner.close();
  });

  it('costs nothing but itself where the disk refuses it', async () => {
    const path = join(temporaryFolder(), 'toy.learning');
    // A folder where the file should be.
    mkdirSync(join(path, 'in-the-way'), { recursive: true });
    const warned: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void warned.push(message) };
    lost.length = 0;
    const learner = new ThreadLearner(options, { path, log });
    feed(learner, new ToyCamera(1), 700);
    expect((await learner.finish()).profile.camera).toBe('toy');
    expect(warned[0]).toMatch(/was not stored/);
    learner.close();
  });

  it('is the old file or the new one: what a cut left half written is not looked at', async () => {
    const path = join(temporaryFolder(), 'toy.learning');
    await writeKept(path, 'first', { head: 'old', numbers: Uint8Array.of(1, 2) });
    writeFileSync(`${path}.partial-0`, 'half');
    expect(await readKept(path)).toMatchObject({ order: 'first', state: { head: 'old' } });
    await writeKept(path, 'first', { head: 'new', numbers: Uint8Array.of(3) });
    expect((await readKept(path))?.state.head).toBe('new');
    await removeKept(path);
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });
});

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
