import { describe, expect, it } from 'vitest';
import { deploymentTable } from '../../../../src/agent/deployment/table.ts';
import { EngineSupervisor } from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { Detector } from '../../../../src/perception/index.ts';
import type { DeploymentState } from '../../../../src/protocol/index.ts';
import { settle } from '../../../fakes/fake-clock.ts';
import { bundleOf } from '../../../fakes/fake-device.ts';
import { FakeEnginePlatform } from '../../../fakes/fake-engine-platform.ts';
import { a, b, DeploymentUnderTest, forever } from './deployment-under-test.ts';

type Faulty = (under: RecoveryUnderTest) => void;

/** What pipelines say of engines, and whether a new engine in this process helps. */
const faults: Readonly<Record<string, { readonly happen: Faulty; readonly helped: boolean }>> = {
  'gives no answers': { happen: ({ supervisor }) => supervisor.stuck(), helped: true },
  'fails every frame': { happen: ({ supervisor }) => supervisor.failing(), helped: true },
  'lost its process': { happen: ({ supervisor }) => supervisor.failing('device'), helped: true },
  'lost this process': { happen: ({ supervisor }) => supervisor.failing('process'), helped: false },
};

/** A device whose engines are supervised as a real one's are. */
class RecoveryUnderTest extends DeploymentUnderTest {
  readonly platform = new FakeEnginePlatform();
  readonly ended: string[] = [];
  readonly told: string[] = [];
  readonly supervisor = new EngineSupervisor({
    platform: this.platform,
    ...{ engine: 'auto', crashed: [], check: { check: async () => {} }, clock: this.clock, log: silentLog },
    reportEvent: ({ kind }) => this.told.push(kind),
    endProcess: (reason) => this.ended.push(reason),
  });
  /** Holds the deployment where it is. */
  hold = false;

  override async start(): Promise<void> {
    this.platform.available = ['onnxruntime'];
    const { detector } = await this.supervisor.first(bundleOf(a));
    this.device.factory = this.supervisor;
    this.device.safety = { whyNot: async () => (this.hold ? 'The robot drives.' : undefined) };
    await super.start();
    await this.device.pipeline.swap(detector);
    await this.device.agent.replace(detector, 'main');
    this.supervisor.attach({
      replace: (one) => this.device.agent.replace(one, 'main'),
      upgrade: (bundle, one) => this.device.agent.upgrade(bundle, one, 'main'),
    });
    this.told.splice(0);
  }

  get serving(): Detector {
    return this.device.pipeline.detector;
  }
}

/** Brings a device into a state in which it stays. */
const waysTo: Readonly<Record<DeploymentState, (under: RecoveryUnderTest) => Promise<void>>> = {
  idle: async (under) => under.start(),
  'fetching-metadata': async (under) => {
    under.device.trust = {
      ...{
        signed: true,
        openCall: (request) => ({ request }),
        authority: undefined,
        stale: false,
        openOrder: (payload) => ({ payload }),
        report: () => ({ mode: 'unsigned' }) as never,
      },
      ...{ admit: forever, expectAdmitted: async () => {}, committed: async () => {} },
      ...{ refresh: async () => {}, standing: async () => undefined },
    };
    await ordered(under);
  },
  downloading: async (under) => {
    under.device.models.onDownload = forever;
    await ordered(under);
  },
  patching: async (under) => {
    under.device.models.comesPacked.add(b.digest);
    under.device.models.onUnpack = forever;
    await ordered(under);
  },
  verifying: async (under) => {
    under.device.models.onVerify = forever;
    await ordered(under);
  },
  decrypting: async (under) => {
    under.device.models.liesSealed.add(b.digest);
    under.device.models.onDecrypt = forever;
    await ordered(under);
  },
  preparing: async (under) => {
    await under.start();
    under.platform.onOpen = forever;
    under.order(1);
    await under.run(3);
    under.platform.onOpen = async () => {};
  },
  checking: async (under) => {
    under.device.onCheck = forever;
    await ordered(under);
  },
  ready: async (under) => {
    under.hold = true;
    await ordered(under);
  },
  swapping: async (under) => {
    await under.start();
    const swap = under.device.pipeline.swap.bind(under.device.pipeline);
    // The old one owes its last result for as long as it is waited for.
    under.device.pipeline.swap = async (one, slot) => {
      await swap(one, slot);
      if (one.identity.digest === b.digest) await forever();
    };
    under.order(1);
    await under.run(2);
  },
  probation: async (under) => ordered(under),
  'rolling-back': async (under) => {
    await under.start();
    const swap = under.device.pipeline.swap.bind(under.device.pipeline);
    let waits = 0;
    under.device.pipeline.swap = async (one, slot) => {
      await swap(one, slot);
      // The new one owes its last result.
      if (under.state() === 'rolling-back' && waits++ === 0) await forever();
    };
    under.order(1);
    await under.run(3);
    under.device.pipeline.failed += 100;
    await under.run(2);
  },
  committed: async (under) => {
    await ordered(under);
    await under.run(40);
  },
  failed: async (under) => {
    under.device.onCheck = () => Promise.reject(new Error('It sees nothing.'));
    await ordered(under);
  },
};

async function ordered(under: RecoveryUnderTest): Promise<void> {
  await under.start();
  under.order(1);
  await under.run(3);
}

/** The new model serves, and its deployment goes back where its engine does badly. */
const onTrial: readonly DeploymentState[] = ['swapping', 'probation'];
const states = [...new Set(deploymentTable.map(([state]) => state))];
const cases = states.flatMap((state) => Object.keys(faults).map((fault) => ({ state, fault })));

describe('The engine that serves', () => {
  it.each(cases)('while a deployment is $state and it $fault', async ({ state, fault }) => {
    const under = new RecoveryUnderTest();
    await waysTo[state](under);
    expect(under.state()).toBe(state);
    const { happen, helped } = faults[fault]!;
    const { digest } = under.serving.identity;
    const sick = under.serving;
    under.told.splice(0);
    happen(under);
    await settle();
    if (onTrial.includes(state)) {
      expect(under.told).toEqual([]);
      await under.run(16);
      expect([under.state(), under.serving.identity.digest]).toEqual(['failed', a.digest]);
      expect(under.last()?.slots.main?.deployment.reason).toContain('with the new model');
      expect([under.told.filter((kind) => kind !== 'engine.chosen'), under.ended]).toEqual([[], []]);
      return;
    }
    if (!helped) {
      expect([under.told, under.ended.length]).toEqual([['engine.restart-process'], 1]);
      return;
    }
    // Seconds, and nothing of the deployment changed.
    expect(under.told).toEqual(['engine.rebuild', 'engine.chosen']);
    expect(under.serving).not.toBe(sick);
    expect(under.serving.identity.digest).toBe(digest);
    expect(under.state()).toBe(state);
    await settle();
    expect((sick as { readonly closed?: boolean }).closed).toBe(true);
  });

  it('is the one that a model goes back to that was replaced while the new one waited', async () => {
    const under = new RecoveryUnderTest();
    await waysTo.ready(under);
    under.supervisor.stuck();
    await settle();
    const fresh = under.serving;
    under.hold = false;
    await under.run(4);
    expect(under.state()).toBe('probation');
    under.supervisor.stuck();
    await under.run(2);
    expect(under.state()).toBe('failed');
    expect(under.serving).toBe(fresh);
    expect((fresh as { readonly closed?: boolean }).closed).toBe(false);
  });

  it('does not let the new model fail its check for what the recovery took meanwhile', async () => {
    const under = new RecoveryUnderTest();
    let checks = 0;
    under.device.onCheck = async () => {
      checks += 1;
      if (checks > 1) return;
      under.supervisor.stuck();
      await settle();
      throw new Error('It takes 900 MB.');
    };
    await ordered(under);
    expect([checks, under.state()]).toEqual([2, 'probation']);
  });
});
