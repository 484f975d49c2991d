import { beforeEach, describe, expect, it } from 'vitest';
import { CancelledError, RefusedError } from '../../../../src/base/index.ts';
import { a, b, c, DeploymentUnderTest } from './deployment-under-test.ts';

describe('A model that the device itself asks for', () => {
  let test: DeploymentUnderTest;
  let told: string[];
  const stop = () => new AbortController();
  const ask = (model = b, signal = stop().signal) => {
    const done = test.device.agent.switchLocally(
      model,
      ({ state, cancellable }) => told.push(cancellable ? state : `${state}!`),
      signal,
    );
    done.catch(() => {});
    return done;
  };

  beforeEach(async () => {
    test = new DeploymentUnderTest();
    told = [];
    await test.start();
  });

  it('goes the way of every deployment, and the fleet sees what runs', async () => {
    const done = ask();
    await test.run(60);
    await done;
    expect(new Set(told)).toEqual(
      new Set(['downloading', 'verifying', 'preparing', 'checking', 'ready', 'swapping', 'probation']),
    );
    expect(test.device.pipeline.identity.digest).toBe(b.digest);
    expect(test.steps().at(-1)).toBe('committed');
    expect(test.last()).toMatchObject({
      generation: 0,
      slots: { main: { loaded: { digest: b.digest } } },
    });
    expect(test.device.agent.keptModels).toEqual([b.digest, a.digest]);
  });

  it('that serves already is done at once', async () => {
    const done = ask();
    await test.run(60);
    await done;
    told = [];
    await ask();
    expect(told).toEqual([]);
  });

  it('gives way to the next order of the fleet that names another', async () => {
    const done = ask();
    await test.run(60);
    await done;
    test.order(1, c);
    await test.run(60);
    expect(test.device.pipeline.identity.digest).toBe(c.digest);
  });

  it('is stopped by an order that comes meanwhile', async () => {
    const done = ask();
    await test.run(5);
    test.order(1, c);
    await test.run(60);
    await expect(done).rejects.toBeInstanceOf(RefusedError);
    expect(test.device.pipeline.identity.digest).toBe(c.digest);
  });

  it('is refused while the fleet has a deployment under way', async () => {
    test.order(1, c);
    await test.run(2);
    await expect(ask()).rejects.toMatchObject({ code: 'local-switch-busy' });
    await test.run(60);
    expect(test.device.pipeline.identity.digest).toBe(c.digest);
  });

  it('can be given up in its probation, and what served before serves again', async () => {
    const { signal, abort } = ((controller) => ({
      signal: controller.signal,
      abort: () => controller.abort(),
    }))(stop());
    const done = ask(b, signal);
    for (let second = 0; second < 60 && test.state() !== 'probation'; second += 1) await test.run(1);
    expect(test.state()).toBe('probation');
    abort();
    await test.run(5);
    await expect(done).rejects.toBeInstanceOf(CancelledError);
    expect(test.device.pipeline.identity.digest).toBe(a.digest);
    // And may be asked for again.
    const again = ask();
    await test.run(60);
    await again;
  });

  it('that does badly in its probation is refused with the reason, and then quarantined', async () => {
    const done = ask();
    for (let second = 0; second < 60 && test.state() !== 'probation'; second += 1) await test.run(1);
    test.frames = false;
    for (let second = 0; second < 60; second += 1) {
      test.device.pipeline.received += 30;
      await test.run(1);
    }
    await expect(done).rejects.toMatchObject({ code: 'local-switch-failed' });
    expect(test.device.pipeline.identity.digest).toBe(a.digest);
    await expect(ask()).rejects.toMatchObject({ code: 'local-switch-quarantined' });
  });

  it('that was given up before it began does nothing', async () => {
    const controller = stop();
    controller.abort();
    await expect(ask(b, controller.signal)).rejects.toBeInstanceOf(CancelledError);
    expect(test.steps()).toEqual([]);
  });
});
