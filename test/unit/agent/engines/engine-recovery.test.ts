import { describe, expect, it } from 'vitest';
import { EngineRecovery } from '../../../../src/agent/engines/engine-recovery.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

/** Its engine can be replaced by nothing. */
function recovery(besideOthers: boolean) {
  const told: string[] = [];
  const ended: string[] = [];
  const one = new EngineRecovery({
    ...{ clock: new FakeClock(), besideOthers },
    reportEvent: ({ kind }) => told.push(kind),
    replace: () => Promise.reject(new Error('no other engine')),
    endProcess: (reason) => ended.push(reason),
  });
  return { one, told, ended };
}

describe('An engine that nothing helps', () => {
  it('ends the process where it serves main', async () => {
    const { one, told, ended } = recovery(false);
    one.troubled('stuck');
    await one.idle();
    await one.idle();
    await one.idle();
    expect(ended).toHaveLength(1);
    expect(told.at(-1)).toBe('engine.restart-process');
  });

  it('is given up where others serve in the process, until another model comes', async () => {
    const { one, told, ended } = recovery(true);
    one.troubled('stuck');
    for (let i = 0; i < 3; i++) await one.idle();
    expect(ended).toEqual([]);
    expect(told.at(-1)).toBe('engine.given-up');
    one.deployed();
    told.length = 0;
    one.troubled('stuck');
    await one.idle();
    expect(told[0]).toBe('engine.rebuild');
  });

  it('ends the process where the process itself is what is lost', async () => {
    const { one, ended } = recovery(true);
    one.troubled('lost');
    await one.idle();
    expect(ended).toHaveLength(1);
  });
});

it('A step that ends after the close leaves no timer, which would keep the process alive', async () => {
  const clock = new FakeClock();
  let replaced: (done: boolean) => void = () => {};
  const one = new EngineRecovery({
    ...{ clock, besideOthers: false },
    reportEvent: () => {},
    replace: () =>
      new Promise((done) => {
        replaced = done;
      }),
    endProcess: () => {},
  });
  one.troubled('stuck');
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  one.close();
  replaced(true);
  await one.idle();
  expect(clock.pending).toBe(0);
});
