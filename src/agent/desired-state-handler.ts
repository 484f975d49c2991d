import { type Clock, describeError, type Log } from '../base/index.ts';
import type { CameraSettings } from '../perception/index.ts';
import type { Desired, DriftSettings, PipelineSettings } from '../protocol/index.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import { decideDesired } from './deployment/decision.ts';
import type { Deployer } from './deployment/deployer.ts';
import { isSettled } from './deployment/table.ts';
import { mergeDrift } from './drift/drift-service.ts';
import type { AgentEvent } from './event-reporter.ts';
import type { PipelineHost } from './ports.ts';
import { unknownCamera } from './rpc-server.ts';

export interface DesiredStateHandlerPorts {
  readonly pipeline: PipelineHost;
  readonly deployer: Deployer;
  readonly stateStore: AgentStateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly reportEvent: (event: AgentEvent) => Promise<boolean>;
  /** Hands over what the fleet wants of a camera's drift monitor. */
  readonly drift: (camera: string, wanted: DriftSettings) => void;
  /** After every order, followed or refused, and after new settings of a camera. */
  readonly onDone: () => void;
}

/**
 * Takes the orders of the fleet one at a time; of those that came meanwhile only the newest counts.
 *
 * `desired` is the whole desired state: settings that it leaves out go back to the device's own.
 */
export class DesiredStateHandler {
  readonly #ports: DesiredStateHandlerPorts;
  readonly #baseline: Map<string, CameraSettings>;
  #newest: Desired | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(ports: DesiredStateHandlerPorts) {
    this.#ports = ports;
    const { pipeline } = ports;
    this.#baseline = new Map(pipeline.cameras.map((camera) => [camera, pipeline.settings(camera)]));
  }

  take(desired: Desired): void {
    const known = Math.max(this.#ports.stateStore.state.generation, this.#newest?.generation ?? 0);
    if (desired.generation <= known) {
      this.#relocateLost(desired);
      return;
    }
    const scheduled = this.#newest !== undefined;
    this.#newest = desired;
    if (!scheduled) this.#working = this.#working.then(() => this.#work());
  }

  /** Brings a model that was lost from the disk up again, unless something else is under way. */
  restoreLost(): void {
    this.#working = this.#working.then(async () => {
      const { stateStore, deployer, log } = this.#ports;
      const { lost, deployment, generation } = stateStore.state;
      if (lost === undefined || !isSettled(deployment.state)) return;
      await deployer.order(lost, generation).catch((error: unknown) => {
        log.error('A model that was lost can not be brought up again', { error });
      });
    });
  }

  /** Resolves when no order is being worked on; a deployment may go on behind it. */
  idle(): Promise<void> {
    return this.#working;
  }

  /** Sets every camera to its own settings with `wanted` on top. */
  apply(wanted: Readonly<Record<string, PipelineSettings>>): void {
    const { pipeline, reportEvent } = this.#ports;
    for (const name of Object.keys(wanted))
      if (name !== '*' && !this.#baseline.has(name))
        void reportEvent({
          kind: 'desired.camera-unknown',
          severity: 'warning',
          message: unknownCamera(name, pipeline.cameras).explain(),
        });
    for (const camera of this.#baseline.keys()) this.#applyTo(camera, wanted);
  }

  /** Gives a camera other settings of its own; what the fleet wants stays on top of them. */
  rebase(camera: string, own: CameraSettings): void {
    if (!this.#baseline.has(camera)) return;
    this.#baseline.set(camera, own);
    this.#applyTo(camera, this.#ports.stateStore.state.pipelines);
    this.#ports.onDone();
  }

  #applyTo(camera: string, wanted: Readonly<Record<string, PipelineSettings>>): void {
    const { pipeline, drift, reportEvent } = this.#ports;
    try {
      const { drift: ofAll = {}, ...forAll } = wanted['*'] ?? {};
      const { drift: ofOne = {}, ...forOne } = wanted[camera] ?? {};
      pipeline.configure(camera, { ...this.#baseline.get(camera), ...forAll, ...forOne });
      drift(camera, mergeDrift(ofAll, ofOne));
    } catch (error) {
      void reportEvent({
        kind: 'desired.settings-refused',
        severity: 'error',
        camera,
        message: describeError(error),
      });
    }
  }

  /** The fleet may know an address for a model that came without one, or a newer one. */
  #relocateLost({ model }: Desired): void {
    const { stateStore } = this.#ports;
    const { lost } = stateStore.state;
    if (model?.url === undefined || lost?.digest !== model.digest || lost.url === model.url) return;
    void stateStore.update({ lost: model });
    this.restoreLost();
  }

  async #work(): Promise<void> {
    const desired = this.#newest;
    this.#newest = undefined;
    if (desired === undefined) return;
    try {
      await this.#follow(desired);
    } catch (error) {
      this.#ports.log.error('An order failed', { generation: desired.generation, error });
    }
    this.#ports.onDone();
  }

  async #follow({ generation, pipelines = {}, ...rest }: Desired): Promise<void> {
    const { stateStore, deployer, clock, reportEvent } = this.#ports;
    const decision = decideDesired({ generation, pipelines, ...rest }, stateStore.state, clock.wallMs());
    if (decision.kind === 'ignore') return;
    if (decision.kind === 'expired') {
      if (decision.model === undefined) await stateStore.update({ generation });
      else await deployer.refuse(decision.model, generation, decision.reason);
      await reportEvent({
        kind: 'desired.expired',
        severity: 'warning',
        message: decision.reason,
        data: { generation },
      });
      return;
    }
    const { model } = rest;
    const wanted =
      model === undefined
        ? {}
        : { wanted: { digest: model.digest, ...(model.order === undefined ? {} : { order: model.order }) } };
    if (decision.kind === 'quarantined') {
      await deployer.supersede();
      await stateStore.update({ pipelines, ...wanted });
      this.apply(pipelines);
      await deployer.refuse(decision.model, generation, decision.reason);
      return;
    }
    if (decision.supersede) await deployer.supersede();
    await stateStore.update({
      pipelines,
      ...wanted,
      ...(decision.deploy === undefined ? { generation } : {}),
    });
    // What served before is not wanted any more once the fleet names another model.
    if (model !== undefined && model.digest !== stateStore.state.lost?.digest)
      await stateStore.update({ lost: undefined });
    this.apply(pipelines);
    if (decision.confirm !== undefined) await deployer.confirm(decision.confirm);
    if (decision.deploy !== undefined) await deployer.order(decision.deploy, generation);
  }
}
