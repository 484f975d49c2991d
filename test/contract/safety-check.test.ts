import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RosSafetyCheck } from '../../src/adapters/ros2/index.ts';
import { LockFileSafetyCheck, ProgramSafetyCheck } from '../../src/adapters/safety/index.ts';
import { EverySafetyCheck, RestedSafetyCheck } from '../../src/agent/index.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeRosGraph } from '../fakes/fake-ros-graph.ts';
import { describeSafetyCheck } from './safety-check.ts';

const folderOf = () => mkdtemp(join(tmpdir(), 'goshawk-safety-'));
const signal = new AbortController().signal;

describeSafetyCheck('a lock file', async () => {
  const folder = await folderOf();
  const path = join(folder, 'driving');
  return {
    check: new LockFileSafetyCheck(path),
    be: async (why) => {
      await rm(path, { recursive: true, force: true });
      if (why !== undefined) await writeFile(path, why === '' ? '' : `${why}\nsince 10:00\n`);
    },
    beUnknown: async () => {
      await rm(path, { force: true });
      await mkdir(path);
    },
    close: () => rm(folder, { recursive: true }),
  };
});

describeSafetyCheck('a program', async () => {
  const folder = await folderOf();
  const answer = join(folder, 'answer');
  const script = join(folder, 'ask.sh');
  await writeFile(script, `[ -e ${answer} ] || exit 0\ncat ${answer}\nexit 3\n`);
  const command = ['/bin/sh', script];
  return {
    check: new ProgramSafetyCheck(command, 10_000),
    be: async (why) => {
      await rm(answer, { force: true });
      if (why !== undefined) await writeFile(answer, why);
    },
    beUnknown: async () => {
      command[0] = join(folder, 'nothing');
    },
    close: () => rm(folder, { recursive: true }),
  };
});

describeSafetyCheck('a robot over ROS 2', async () => {
  const graph = new FakeRosGraph();
  const node = () => graph.join({ name: 'goshawk', namespace: '/' });
  let check = new RosSafetyCheck({ node: node() });
  const call = (data: boolean) => graph.call('/goshawk/hold_updates', 'std_srvs/srv/SetBool', { data });
  return {
    // It has no words of its own: what is told is that it holds.
    check: {
      whyNot: async () => ((await check.whyNot()) === undefined ? undefined : (said ?? 'It holds.')),
    },
    be: async (why) => {
      said = why === '' ? undefined : why;
      expect(await call(why !== undefined)).toMatchObject({ success: true });
    },
    beUnknown: async () => {
      check.close();
      check = new RosSafetyCheck({ node: node() });
    },
    close: async () => check.close(),
  };
});
let said: string | undefined;

describeSafetyCheck('several, rested', async () => {
  let [why, unknown]: [string | undefined, boolean] = [undefined, false];
  const one = {
    whyNot: async () => {
      if (unknown) throw new Error('no answer');
      return why === '' ? 'No.' : why;
    },
  };
  const every = new EverySafetyCheck([{ whyNot: async () => undefined }, one]);
  return {
    check: new RestedSafetyCheck(every, 0, new FakeClock()),
    be: async (given) => {
      why = given;
    },
    beUnknown: async () => {
      unknown = true;
    },
    close: async () => {},
  };
});

describe('A program that is asked', () => {
  it('and gives no answer in time is ended, with what it started', async () => {
    const check = new ProgramSafetyCheck(['/bin/sh', '-c', 'sleep 60 & wait'], 200);
    await expect(check.whyNot(signal)).rejects.toMatchObject({ code: 'safety-program-late' });
  });

  it('gets its arguments as they are, without a shell', async () => {
    const check = new ProgramSafetyCheck(['/usr/bin/test', '$(touch /tmp/x)', '=', '$(touch /tmp/x)'], 5_000);
    expect(await check.whyNot(signal)).toBeUndefined();
  });
});

describe('A machine at rest', () => {
  it('is safe after it was so at every look for long enough', async () => {
    const clock = new FakeClock();
    let why: string | undefined;
    const check = new RestedSafetyCheck({ whyNot: async () => why }, 120_000, clock);
    const lookFor = async (seconds: number) => {
      for (let at = 0; at < seconds; at += 2) {
        await clock.pass(2_000);
        await check.whyNot(signal);
      }
      return check.whyNot(signal);
    };
    expect(await lookFor(66)).toBe('It is safe, and has to be so for 1 min more.');
    why = 'It drives.';
    expect(await lookFor(2)).toBe('It drives.');
    why = undefined;
    expect(await lookFor(110)).toContain('1 min more');
    expect(await lookFor(20)).toBeUndefined();
    await clock.pass(3_600_000);
    expect(await check.whyNot(signal)).toContain('2 min more');
  });
});
