import type { AgentUpdater, UpdateStanding } from '../../src/agent/index.ts';
import type { DesiredModel } from '../../src/protocol/index.ts';

/** What a machine is at one moment: which release is installed, and how far it is with another one. */
export interface FakeMachine {
  installed: DesiredModel;
  before: DesiredModel | undefined;
  next: string | undefined;
  standing: UpdateStanding;
}

/** A machine that installs releases at once; the process ends then, which `onInstalled` tells. */
export class FakeAgentUpdater implements AgentUpdater {
  unavailable: string | undefined;
  readonly machine: FakeMachine;
  /** What a release of this digest is. */
  readonly releases: ReadonlyMap<string, DesiredModel>;
  readonly concluded: (string | undefined)[] = [];
  refusal: string | undefined;
  onInstalled: () => void = () => {};
  readonly #process: DesiredModel;

  constructor(machine: FakeMachine, releases: readonly DesiredModel[]) {
    this.machine = machine;
    this.#process = machine.installed;
    this.releases = new Map(releases.map((one) => [one.digest, one]));
  }

  async running(): Promise<DesiredModel> {
    return this.#process;
  }

  async previous(): Promise<string | undefined> {
    return this.machine.before?.digest;
  }

  async standing(digest: string): Promise<UpdateStanding> {
    return this.machine.next === digest ? this.machine.standing : { kind: 'none' };
  }

  /** The helper dies over it. */
  dies = false;

  async prepare(digest: string): Promise<void> {
    if (this.dies) return;
    this.machine.next = digest;
    this.machine.standing =
      this.refusal === undefined ? { kind: 'prepared' } : { kind: 'refused', reason: this.refusal };
  }

  async install(digest: string): Promise<void> {
    this.machine.before = this.machine.installed;
    this.machine.installed = this.releases.get(digest)!;
    this.machine.standing = { kind: 'trial', seconds: 100 };
    this.onInstalled();
  }

  async conclude(_digest: string, wrong?: string): Promise<void> {
    this.concluded.push(wrong);
    if (wrong === undefined) this.machine.standing = { kind: 'kept' };
    else this.goBack(wrong);
  }

  /** What the machine does where no verdict comes. */
  goBack(reason: string): void {
    if (this.machine.before !== undefined) this.machine.installed = this.machine.before;
    this.machine.standing = { kind: 'back', reason };
  }

  expectFits(): void {}
}
