import { beforeEach, describe, expect, test } from 'vitest';
import { b, DeploymentUnderTest } from '../unit/agent/deployment/deployment-under-test.ts';

/** A camera with one frame every two seconds: 15 in a probation of 30 s. */
describe('A device whose camera is slow', () => {
  let under: DeploymentUnderTest;
  beforeEach(async () => {
    under = new DeploymentUnderTest();
    under.frames = false;
    await under.start();
    await frames(10, 'processed');
  });

  async function frames(count: number, as: 'processed' | 'failed'): Promise<void> {
    const { pipeline } = under.device;
    for (let at = 0; at < count; at++) {
      pipeline.received += 1;
      pipeline[as] += 1;
      await under.clock.pass(2_000);
    }
  }
  const deployment = () => under.last()?.slots.main?.deployment;

  test('does not keep a model that fails on its few frames', async () => {
    under.order(1);
    await under.clock.pass(100);
    await frames(40, 'failed');
    expect(deployment()).toMatchObject({ state: 'failed', outcome: 'rolled-back', digest: b.digest });
    expect(deployment()?.reason).toContain('20 of 20 frames failed');
  });

  test('keeps one that does well, when enough frames say so', async () => {
    under.order(1);
    await under.clock.pass(100);
    await frames(16, 'processed');
    expect(under.state()).toBe('probation');
    await frames(10, 'processed');
    expect(deployment()).toMatchObject({ state: 'committed' });
    expect(deployment()).not.toHaveProperty('outcome');
  });

  test('that goes dark says that nothing speaks for the model, until frames do', async () => {
    under.order(1);
    await under.clock.pass(100);
    for (let minute = 0; minute < 6; minute++) await under.clock.pass(60_000);
    expect(deployment()).toMatchObject({ state: 'committed', outcome: 'unproven' });
    expect(deployment()?.reason).toContain('Kept without evidence: 0 frames');
    const told = under.device.events().find(({ kind }) => kind === 'deployment.committed');
    expect(told).toMatchObject({ severity: 'warning' });
    // The same order again is no evidence.
    under.order(2);
    await under.clock.pass(1_000);
    expect(deployment()).toMatchObject({ outcome: 'unproven' });
    await frames(30, 'processed');
    await under.clock.pass(20_000);
    expect(deployment()).toMatchObject({ state: 'committed' });
    expect(deployment()).not.toHaveProperty('outcome');
  });

  test('that fails when its frames come back is told', async () => {
    under.order(1);
    await under.clock.pass(100);
    for (let minute = 0; minute < 6; minute++) await under.clock.pass(60_000);
    await frames(30, 'failed');
    await under.clock.pass(20_000);
    expect(deployment()).toMatchObject({ state: 'committed', outcome: 'unproven' });
    expect(deployment()?.reason).toContain('frames failed');
  });
});
