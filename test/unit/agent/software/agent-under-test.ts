import { AgentStateStore } from '../../../../src/agent/agent-state-store.ts';
import { SlotMemory } from '../../../../src/agent/deployment/slot-memory.ts';
import { DeploymentTurns } from '../../../../src/agent/deployment/turns.ts';
import { AgentDeployer, OpenTrustGate, type SafetyCheck } from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { AnyManifest, Bundle } from '../../../../src/model/index.ts';
import { agentSlot, type DesiredModel } from '../../../../src/protocol/index.ts';
import { FakeAgentUpdater, type FakeMachine } from '../../../fakes/fake-agent-updater.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeMemoryStore, FakeModels } from '../../../fakes/fake-device.ts';

export const releaseOf = (letter: string, version: string): DesiredModel => ({
  name: 'goshawk-agent-amd64',
  version,
  digest: `sha256:${letter.repeat(64)}`,
});
export const one = releaseOf('1', '1.0.0');
export const two = releaseOf('2', '2.0.0');

/** Releases that are on the way: a bundle of them holds a package. */
class FakeReleases extends FakeModels {
  override async verify(digest: string): Promise<Bundle> {
    const bundle = await super.verify(digest);
    const manifest = { ...bundle.manifest, task: this.task, package: {} } as unknown as AnyManifest;
    return { ...bundle, manifest } as Bundle;
  }
  task = 'release';
}

/** A device whose agent is renewed: one process after the other, with the same disk and the same machine. */
export class AgentUnderTest {
  readonly clock = new FakeClock();
  readonly storage = new FakeMemoryStore();
  readonly releases = new FakeReleases();
  readonly machine: FakeMachine = {
    ...{ installed: one, before: undefined, next: undefined },
    standing: { kind: 'none' },
  };
  /** What a process of this version does. */
  online: (version: string) => boolean = () => true;
  frames: (version: string) => number = () => 30;
  missed: (version: string) => string | undefined = () => undefined;
  starts: (version: string) => boolean = () => true;
  safety: SafetyCheck | undefined;
  readonly steps: string[] = [];
  /** Disk and machine at each step. */
  readonly moments: { readonly stored: unknown; readonly machine: FakeMachine }[] = [];
  updater!: FakeAgentUpdater;
  deployer!: AgentDeployer;
  memory!: SlotMemory;
  #processed = 0;
  #renewed = false;

  async boot(): Promise<void> {
    const { stateStore } = await AgentStateStore.open({
      ...{ storage: this.storage, log: silentLog, random: () => 0.5, wallMs: () => this.clock.wallMs() },
    });
    this.memory = new SlotMemory(stateStore, agentSlot);
    this.updater = new FakeAgentUpdater(this.machine, [one, two]);
    const { version } = this.machine.installed;
    this.#processed = 0;
    this.updater.onInstalled = () => {
      this.#renewed = true;
    };
    this.deployer = new AgentDeployer({
      ...{ updater: this.updater, releases: this.releases, memory: this.memory, clock: this.clock },
      ...{ trust: new OpenTrustGate('unsigned'), turns: new DeploymentTurns(), random: () => 0.5 },
      ...(this.safety === undefined ? {} : { safety: this.safety }),
      ...{ log: silentLog, probationMs: 10_000, online: () => this.online(version) },
      cameras: () => {
        const missed = this.missed(version);
        const camera = { camera: 'front', processed: this.#processed, failed: 0 };
        return [missed === undefined ? camera : { ...camera, missed }];
      },
      onStep: ({ state }) => {
        this.steps.push(state);
        this.moments.push(structuredClone({ stored: this.storage.stored, machine: this.machine }));
      },
      onProgress: () => {},
    });
    await this.deployer.resume();
  }

  /** Lets time pass; a release that is installed ends this process and starts the next one. */
  async run(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.#processed += this.frames(this.machine.installed.version);
      await this.clock.pass(1_000);
      const { installed, standing } = this.machine;
      if (this.#renewed || (await this.updater.running()).digest !== installed.digest) {
        this.#renewed = false;
        await this.#end();
        if (!this.starts(installed.version) && standing.kind === 'trial')
          this.updater.goBack('It did not show within 100 s that it works.');
        await this.boot();
      }
    }
  }

  /** Another process of the same version. */
  async restart(): Promise<void> {
    await this.#end();
    await this.boot();
  }

  get deployment() {
    return this.memory.record.deployment;
  }

  async #end(): Promise<void> {
    const closed = this.deployer.close();
    await this.clock.pass(2_000);
    await closed;
  }
}
