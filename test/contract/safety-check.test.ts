import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  lifecycleSafetyCheck,
  RosHeardSafetyCheck,
  RosSafetyCheck,
  topicSafetyCheck,
} from '../../src/adapters/ros2/index.ts';
import { LockFileSafetyCheck, ProgramSafetyCheck } from '../../src/adapters/safety/index.ts';
import { CalledSafetyCheck, EverySafetyCheck, RestedSafetyCheck } from '../../src/agent/index.ts';
import { CdrWriter, qosProfiles, writeBool, writeTransitionEvent } from '../../src/ros2/index.ts';
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

/** Its words are of its own: what is told is that it is not safe. */
const wordless = (check: { whyNot(): Promise<string | undefined> }) => ({
  whyNot: async () => ((await check.whyNot()) === undefined ? undefined : (said ?? 'It holds.')),
});
const settled = () => new Promise((resolve) => setImmediate(resolve));

describeSafetyCheck('a topic of the robot', async () => {
  const graph = new FakeRosGraph();
  const node = graph.join({ name: 'goshawk', namespace: '/' });
  const robot = graph.join({ name: 'robot', namespace: '/' });
  const topic = robot.advertise('/at_rest', 'std_msgs/msg/Bool', qosProfiles.standard);
  const check = topicSafetyCheck({ node, clock: new FakeClock(), name: '/at_rest', freshMs: 10_000 });
  expect(check).toBeInstanceOf(RosHeardSafetyCheck);
  await settled();
  return {
    check: wordless(check),
    be: async (why) => {
      said = why === '' ? undefined : why;
      topic.publish(writeBool(new CdrWriter(), why === undefined));
      await settled();
    },
    beUnknown: async () => {
      topic.publish(writeBool(new CdrWriter(), true));
      await settled();
      topic.close();
      await settled();
    },
    close: async () => check.close(),
  };
});

describeSafetyCheck('the state of a managed node', async () => {
  const graph = new FakeRosGraph();
  const node = graph.join({ name: 'goshawk', namespace: '/' });
  const driver = graph.join({ name: 'driver', namespace: '/' });
  const type = 'lifecycle_msgs/msg/TransitionEvent';
  const events = driver.advertise('~/transition_event', type, qosProfiles.standard);
  const check = lifecycleSafetyCheck({ node, clock: new FakeClock(), name: '/driver' });
  await settled();
  const become = async (label: string) => {
    const part = { id: 1, label: 'x' };
    const event = { timestampNs: 0n, transition: part, start: part, goal: { id: 1, label } };
    events.publish(writeTransitionEvent(new CdrWriter(), event));
    await settled();
  };
  return {
    check: wordless(check),
    be: async (why) => {
      said = why === '' ? undefined : why;
      // Between two states it may drive still.
      await become(why === undefined ? 'inactive' : why === '' ? 'deactivating' : 'active');
    },
    beUnknown: async () => {
      await become('inactive');
      events.publish(Uint8Array.of(1, 2, 3));
      await settled();
    },
    close: async () => check.close(),
  };
});

describe('The state of a managed node that was there before', () => {
  it('is asked for, and what it says of itself later counts more', async () => {
    const graph = new FakeRosGraph();
    const node = graph.join({ name: 'goshawk', namespace: '/' });
    const driver = graph.join({ name: 'driver', namespace: '/' });
    const events = driver.advertise(
      '~/transition_event',
      'lifecycle_msgs/msg/TransitionEvent',
      qosProfiles.standard,
    );
    let asked = 0;
    const answer = (label: string) =>
      driver.serve('~/get_state', 'lifecycle_msgs/srv/GetState', () => {
        asked += 1;
        return { state: { id: 1, label } };
      });
    const check = lifecycleSafetyCheck({ node, clock: new FakeClock(), name: '/driver' });
    await settled();
    await expect(check.whyNot()).rejects.toMatchObject({ code: 'safety-unsaid' });
    answer('active');
    expect(await check.whyNot()).toBe('/driver is active.');
    const part = { id: 1, label: 'x' };
    const event = { timestampNs: 0n, transition: part, start: part, goal: { id: 2, label: 'inactive' } };
    events.publish(writeTransitionEvent(new CdrWriter(), event));
    await settled();
    expect(await check.whyNot()).toBeUndefined();
    expect(asked).toBe(1);
    check.close();
  });
});

describe('A managed node whose changes are not heard', () => {
  it('is asked each time: an earlier answer does not count', async () => {
    const graph = new FakeRosGraph();
    const node = graph.join({ name: 'goshawk', namespace: '/' });
    const driver = graph.join({ name: 'driver', namespace: '/' });
    let label = 'inactive';
    const served = driver.serve('~/get_state', 'lifecycle_msgs/srv/GetState', () => ({
      state: { id: 1, label },
    }));
    const check = lifecycleSafetyCheck({ node, clock: new FakeClock(), name: '/driver' });
    await settled();
    expect(await check.whyNot()).toBeUndefined();
    label = 'active';
    expect(await check.whyNot()).toBe('/driver is active.');
    served.close();
    await expect(check.whyNot()).rejects.toMatchObject({ code: 'safety-unsaid' });
    check.close();
  });
});

describe('A managed node that was killed and came back', () => {
  const type = 'lifecycle_msgs/msg/TransitionEvent';
  async function respawned() {
    const graph = new FakeRosGraph();
    const node = graph.join({ name: 'goshawk', namespace: '/' });
    const drivers = ['old', 'new'].map(() => graph.join({ name: 'driver', namespace: '/' }));
    const [was, is] = drivers as [(typeof drivers)[0], (typeof drivers)[0]];
    const old = was.advertise('~/transition_event', type, qosProfiles.standard);
    const check = lifecycleSafetyCheck({ node, clock: new FakeClock(), name: '/driver' });
    await settled();
    const part = { id: 1, label: 'x' };
    const event = { timestampNs: 0n, transition: part, start: part, goal: { id: 2, label: 'inactive' } };
    const comeBack = async () => {
      is.advertise('~/transition_event', type, qosProfiles.standard);
      is.serve('~/get_state', 'lifecycle_msgs/srv/GetState', () => ({ state: { id: 3, label: 'active' } }));
      await settled();
    };
    const rest = async () => {
      old.publish(writeTransitionEvent(new CdrWriter(), event));
      await settled();
    };
    return { check, old, was, rest, comeBack };
  }

  it('is asked anew, though the one before is given up only later', async () => {
    const { check, old, rest, comeBack } = await respawned();
    await rest();
    expect(await check.whyNot()).toBeUndefined();
    await comeBack();
    expect(await check.whyNot()).toBe('/driver is active.');
    old.close();
    await settled();
    expect(await check.whyNot()).toBe('/driver is active.');
    check.close();
  });

  it('is asked again where the one before it gave the answer', async () => {
    const { check, was, comeBack } = await respawned();
    let answer = (_: { state: { id: number; label: string } }) => {};
    was.serve(
      '~/get_state',
      'lifecycle_msgs/srv/GetState',
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const asked = check.whyNot();
    await settled();
    await comeBack();
    answer({ state: { id: 2, label: 'inactive' } });
    await asked;
    expect(await check.whyNot()).toBe('/driver is active.');
    check.close();
  });
});

describeSafetyCheck('a call over MQTT', async () => {
  const clock = new FakeClock();
  const check = new CalledSafetyCheck(clock);
  return {
    check,
    be: async (why) =>
      check.take({
        hold: why !== undefined,
        seconds: 60,
        ...(why === undefined || why === '' ? {} : { reason: why }),
      }),
    beUnknown: async () => {
      check.take({ hold: false, seconds: 60 });
      await clock.pass(60_000);
    },
    close: async () => {},
  };
});

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

describe('A topic that says that the robot rests', () => {
  it('counts for a while only: who fell silent may drive', async () => {
    const graph = new FakeRosGraph();
    const clock = new FakeClock();
    const node = graph.join({ name: 'goshawk', namespace: '/' });
    const topic = node.advertise('/at_rest', 'std_msgs/msg/Bool', qosProfiles.standard);
    const check = topicSafetyCheck({ node, clock, name: '/at_rest', freshMs: 10_000 });
    await settled();
    topic.publish(writeBool(new CdrWriter(), true));
    await settled();
    await clock.pass(10_000);
    expect(await check.whyNot()).toBeUndefined();
    await clock.pass(1);
    await expect(check.whyNot()).rejects.toMatchObject({ code: 'safety-unsaid' });
    check.close();
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
    expect(await lookFor(66)).toBe('It is safe, and has to stay safe for 1 min more.');
    why = 'It drives.';
    expect(await lookFor(2)).toBe('It drives.');
    why = undefined;
    expect(await lookFor(110)).toContain('1 min more');
    expect(await lookFor(20)).toBeUndefined();
    await clock.pass(3_600_000);
    expect(await check.whyNot(signal)).toContain('2 min more');
  });
});
