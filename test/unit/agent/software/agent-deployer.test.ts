import { beforeEach, describe, expect, it } from 'vitest';
import { AgentUnderTest, one, two } from './agent-under-test.ts';

describe('An agent that is renewed by its fleet', () => {
  let under: AgentUnderTest;
  beforeEach(async () => {
    under = new AgentUnderTest();
    await under.boot();
    await under.run(3);
  });
  const order = () => under.deployer.order({ ...two, order: 'order-2' });

  it('says which release it is before any was ordered', () => {
    expect(under.deployer.runs).toEqual(one);
    expect(under.deployer.report.state).toBe('idle');
    expect(under.memory.record.committed).toEqual(one);
  });

  it('fetches it, has it checked, installs it, and commits it when it has shown that it works', async () => {
    await order();
    await under.run(40);
    expect(under.steps).toEqual(
      'downloading verifying preparing checking ready swapping probation committed'.split(' '),
    );
    expect(under.deployer.report).toMatchObject({ state: 'committed', digest: two.digest, order: 'order-2' });
    expect(under.deployer.runs).toEqual(two);
    expect(under.machine.installed).toEqual(two);
    expect(under.updater.concluded).toEqual([undefined]);
    expect(under.releases.kept.at(-1)).toEqual([]);
  });

  it.each([
    ['does not start', () => (under.starts = (v) => v === '1.0.0'), 'It did not show'],
    ['does not reach its fleet', () => (under.online = (v) => v === '1.0.0'), 'It does not reach its fleet.'],
    ['sees nothing', () => (under.frames = (v) => (v === '1.0.0' ? 30 : 0)), 'processed 0 frames'],
    [
      'misses a target',
      () => (under.missed = (v) => (v === '1.0.0' ? undefined : '5 of 10 frames/s')),
      'misses',
    ],
  ])('goes back where the new one %s', async (_what, breakIt, why) => {
    breakIt();
    await order();
    await under.run(150);
    expect(under.machine.installed).toEqual(one);
    expect(under.deployer.runs).toEqual(one);
    expect(under.deployer.report).toMatchObject({ state: 'failed', outcome: 'rolled-back' });
    expect(under.deployer.report.reason).toContain(why);
    expect(under.memory.quarantined.map(({ digest }) => digest)).toEqual([two.digest]);
  });

  it('asks nothing of a camera that did not work before', async () => {
    under.frames = () => 0;
    await under.run(2);
    await order();
    await under.run(40);
    expect(under.deployer.report.state).toBe('committed');
  });

  it.each([
    ['a camera that missed its target before has to give pictures', 0, 'failed'],
    ['a camera that missed its target before may miss it again', 30, 'committed'],
  ])('%s', async (_, frames, state) => {
    under.missed = () => 'the camera gives 9 frames/s';
    under.frames = (version) => (version === '1.0.0' ? 9 : frames);
    await order();
    await under.run(140);
    expect(under.deployer.report.state).toBe(state);
  });

  it('waits with the installation until its machine says that it is safe', async () => {
    let why: string | undefined = 'it drives';
    under = new AgentUnderTest();
    under.safety = { whyNot: async () => why };
    await under.boot();
    await order();
    await under.run(20);
    expect(under.deployer.report).toMatchObject({
      state: 'ready',
      waits: { for: 'safety', what: 'it drives' },
    });
    expect(under.machine.installed).toEqual(one);
    why = undefined;
    await under.run(40);
    expect(under.deployer.report.state).toBe('committed');
  });

  it('says what its machine refused, and nothing was changed', async () => {
    under.updater.refusal = 'The owner has not signed it.';
    await order();
    await under.run(10);
    expect(under.deployer.report).toMatchObject({ state: 'failed', outcome: 'failed' });
    expect(under.deployer.report.reason).toContain('The owner has not signed it.');
    expect(under.machine.installed).toEqual(one);
  });

  it('gives it up where the helper never gets ready', async () => {
    under.updater.dies = true;
    await order();
    await under.run(2_600);
    expect(under.deployer.report.state).toBe('checking');
    await under.run(200);
    expect(under.deployer.report).toMatchObject({ state: 'failed', outcome: 'failed' });
    expect(under.deployer.report.reason).toContain('did not get ready');
  });

  it('gives it up where its machine knows nothing of it any more', async () => {
    under.online = (version) => version === '1.0.0';
    await order();
    await under.run(15);
    under.machine.next = undefined;
    await under.run(90);
    expect(under.deployer.report).toMatchObject({ state: 'failed', outcome: 'rolled-back' });
    expect(under.deployer.report.reason).toContain('has no record of the update');
  });

  it('takes no model', async () => {
    under.releases.task = 'detection';
    await order();
    await under.run(10);
    expect(under.deployer.report.state).toBe('failed');
    expect(under.deployer.report.reason).toContain('is a model, not a release');
  });

  it('refuses where nothing on the machine can install it', async () => {
    under.updater.unavailable = 'It is a container.';
    await order();
    expect(under.deployer.report).toMatchObject({
      state: 'failed',
      outcome: 'refused',
      reason: 'It is a container.',
    });
  });

  it('fetches and has checked once what waits, also over a restart, and keeps one copy of it', async () => {
    under = new AgentUnderTest();
    under.safety = { whyNot: async () => 'it drives' };
    await under.boot();
    await order();
    await under.run(20);
    expect(under.deployer.report.state).toBe('ready');
    expect(under.releases.downloads).toHaveLength(1);
    expect(under.releases.kept.at(-1)).toEqual([]);
    under.safety = undefined;
    await under.restart();
    await under.run(60);
    expect(under.deployer.report).toMatchObject({ state: 'committed', digest: two.digest });
    expect(under.releases.downloads).toHaveLength(1);
  });

  it('has the one before back without fetching it', async () => {
    await order();
    await under.run(40);
    const downloads = under.releases.downloads.length;
    await under.deployer.order({ ...one, order: 'order-back' });
    await under.run(40);
    expect(under.machine.installed).toEqual(one);
    expect(under.deployer.report).toMatchObject({ state: 'committed', digest: one.digest });
    expect(under.releases.downloads).toHaveLength(downloads);
  });

  it('gives a version on trial up where its fleet wants another one', async () => {
    under.online = (version) => version === '1.0.0';
    await order();
    await under.run(15);
    expect(under.deployment.state).toBe('probation');
    const superseded = under.deployer.supersede();
    await under.run(5);
    await superseded;
    expect(under.machine.installed).toEqual(one);
    expect(under.updater.concluded.concat(under.deployment.reason)).toContain('A newer order came.');
  });

  it('comes to the same end whenever the power goes', async () => {
    await order();
    await under.run(40);
    const { moments } = under;
    expect(moments.length).toBeGreaterThan(7);
    for (const { stored, machine } of moments) {
      const again = new AgentUnderTest();
      again.storage.stored = structuredClone(stored);
      Object.assign(again.machine, structuredClone(machine));
      await again.boot();
      await again.run(60);
      const at = `power went in ${(stored as { slots: { agent: { deployment: { state: string } } } }).slots.agent.deployment.state}`;
      expect(again.deployer.report, at).toMatchObject({ state: 'committed', digest: two.digest });
      expect(again.machine.installed, at).toEqual(two);
    }
  });
});
