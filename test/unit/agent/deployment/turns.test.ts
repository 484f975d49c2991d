import { describe, expect, it } from 'vitest';
import { DeploymentTurns } from '../../../../src/agent/deployment/turns.ts';

const never = new AbortController().signal;
const open = () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  return { gate, go: () => go() };
};
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('Turns of deployments', () => {
  it('go one after the other, and one that pauses takes the place behind those that wait', async () => {
    const turns = new DeploymentTurns();
    const [wait, work] = [open(), open()];
    const log: string[] = [];
    let atWork = 0;
    const at = (what: string) => {
      log.push(what);
      expect(atWork).toBeLessThanOrEqual(1);
    };
    const first = turns.take(never, async ({ pause }) => {
      atWork += 1;
      at('first');
      atWork -= 1;
      await pause(() => wait.gate);
      atWork += 1;
      at('first again');
      atWork -= 1;
    });
    const second = turns.take(never, async () => {
      atWork += 1;
      at('second');
      await work.gate;
      atWork -= 1;
    });
    const third = turns.take(never, async () => at('third'));
    await settle();
    expect(log).toEqual(['first', 'second']);
    // Its wait is over, and the second is at work: it does not cut in.
    wait.go();
    await settle();
    expect(log).toEqual(['first', 'second']);
    work.go();
    await Promise.all([first, second, third]);
    expect(log).toEqual(['first', 'second', 'third', 'first again']);
  });

  it('are given up where the wait or the work fails', async () => {
    const turns = new DeploymentTurns();
    const failing = turns.take(never, ({ pause }) => pause(() => Promise.reject(new Error('no network'))));
    await expect(failing).rejects.toThrow('no network');
    expect(await turns.take(never, async () => 'next')).toBe('next');
  });

  it('are not waited for by one that is stopped in its pause', async () => {
    const turns = new DeploymentTurns();
    const stop = new AbortController();
    const forever = open();
    const paused = turns.take(stop.signal, ({ pause }) =>
      pause(
        () =>
          new Promise<never>((_, reject) =>
            stop.signal.addEventListener('abort', () => reject(new Error('stopped'))),
          ),
      ),
    );
    const other = turns.take(never, () => forever.gate);
    await settle();
    stop.abort();
    await expect(paused).rejects.toThrow('stopped');
    forever.go();
    await other;
  });
});
