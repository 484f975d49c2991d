import { describe, expect, it } from 'vitest';
import { BuildArbiter, EngineSupervisor } from '../../../../src/agent/index.ts';
import { CancelledError, silentLog } from '../../../../src/base/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { bundleOf, modelOf } from '../../../fakes/fake-device.ts';
import { FakeEnginePlatform } from '../../../fakes/fake-engine-platform.ts';
import { identityOf } from '../../../fakes/fake-pipeline.ts';

/** The engines of two slots on one board, whose builds go on until the test lets them go. */
function board() {
  const room = new BuildArbiter();
  const log: string[] = [];
  const slot = (name: string) => {
    const platform = new FakeEnginePlatform();
    const bundle = bundleOf(modelOf(name));
    let finish = () => {};
    platform.onOpen = (_, { signal }) =>
      new Promise((resolve, reject) => {
        log.push(`${name} builds`);
        finish = () => {
          log.push(`${name} built`);
          resolve();
        };
        signal?.addEventListener('abort', () => {
          log.push(`${name} gives way`);
          reject(new CancelledError('The build'));
        });
      });
    const supervisor = new EngineSupervisor({
      ...{ platform, room, engine: 'tensorrt', crashed: [], check: { check: async () => {} } },
      ...{ clock: new FakeClock(), log: silentLog, reportEvent: () => {} },
    });
    return {
      supervisor,
      /** A better engine for what serves, in the background. */
      improve: async () => {
        supervisor.upgrade(bundle, async () => {
          log.push(`${name} changes`);
          return true;
        });
        await settle();
      },
      finish: async () => {
        finish();
        await settle();
      },
      deploy: async () => {
        const created = supervisor.create(bundle, () => {}, new AbortController().signal);
        created.catch(() => {});
        await settle();
        return created;
      },
      settled: async () => {
        supervisor.settled({ ...identityOf(bundle.digest), engine: 'tensorrt' });
        await settle();
      },
    };
  };
  return { a: slot('a'), b: slot('b'), log };
}

describe('Builds of several slots', () => {
  it('in the background go one after the other', async () => {
    const { a, b, log } = board();
    await a.improve();
    await b.improve();
    expect(log).toEqual(['a builds']);
    await a.finish();
    expect(log).toEqual(['a builds', 'a built', 'a changes', 'b builds']);
  });

  it('give way to a deployment of another slot, and begin anew after it', async () => {
    const { a, b, log } = board();
    await a.improve();
    void b.deploy();
    await settle();
    expect(log).toEqual(['a builds', 'a gives way', 'b builds']);
    await b.finish();
    // It is being watched: its old model and the new one are both there.
    expect(log.at(-1)).toBe('b built');
    await b.settled();
    expect(log.at(-1)).toBe('a builds');
    await a.finish();
    expect(log.at(-1)).toBe('a changes');
  });

  it('do not begin while another slot deploys, also where that fails', async () => {
    const { a, b, log } = board();
    void b.deploy();
    await settle();
    await a.improve();
    expect(log).toEqual(['b builds']);
    b.supervisor.settled({ ...identityOf('sha256:other'), engine: 'tensorrt' });
    await settle();
    expect(log).toEqual(['b builds', 'a builds']);
  });

  it('are not held up by a slot that is gone', async () => {
    const { a, b, log } = board();
    await b.improve();
    await a.improve();
    await b.supervisor.close();
    await settle();
    expect(log).toEqual(['b builds', 'b gives way', 'a builds']);
  });
});
