import { describeError } from '../base/index.ts';
import { type CameraSettings, defaultNodes, mainSlot, type NodeSettings } from '../perception/index.ts';
import type { DriftSettings } from '../protocol/index.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import { mergeDrift } from './drift/drift-service.ts';
import type { AgentEvent } from './event-reporter.ts';
import type { PipelineHost } from './ports.ts';
import { unknownCamera } from './rpc-server.ts';
import { nodesOf, type Scope } from './slots/camera-nodes.ts';

export interface CameraConfiguratorPorts {
  readonly pipeline: PipelineHost;
  readonly stateStore: AgentStateStore;
  readonly reportEvent: (event: AgentEvent) => Promise<boolean>;
  /** Hands over what the fleet wants of a camera's drift monitor. */
  readonly drift: (camera: string, wanted: DriftSettings) => void;
}

/** Gives every camera its own settings, what the fleet wants on top of them, and the nodes of the slots that are there for it. */
export class CameraConfigurator {
  readonly #ports: CameraConfiguratorPorts;
  readonly #baseline: Map<string, CameraSettings>;
  readonly #refused = new Map<string, string>();

  constructor(ports: CameraConfiguratorPorts) {
    this.#ports = ports;
    const { pipeline } = ports;
    this.#baseline = new Map(pipeline.cameras.map((camera) => [camera, pipeline.settings(camera)]));
  }

  /** Why the fleet's settings are not in force on a camera, in words. */
  refused(camera: string): string | undefined {
    return this.#refused.get(camera);
  }

  /** Every camera, by what is remembered of the fleet's settings and slots. */
  apply(): void {
    const { pipeline, stateStore, reportEvent } = this.#ports;
    for (const name of Object.keys(stateStore.state.pipelines))
      if (name !== '*' && !this.#baseline.has(name))
        void reportEvent({
          kind: 'desired.camera-unknown',
          severity: 'warning',
          message: unknownCamera(name, pipeline.cameras).explain(),
        });
    for (const camera of this.#baseline.keys()) this.#applyTo(camera);
  }

  /** Gives a camera other settings of its own. False: there is no such camera. */
  rebase(camera: string, own: CameraSettings): boolean {
    if (!this.#baseline.has(camera)) return false;
    this.#baseline.set(camera, own);
    this.#applyTo(camera);
    return true;
  }

  /** Cameras whose frames go to a slot, as their graphs are in force. */
  camerasOf(slot: string): string[] {
    const { pipeline } = this.#ports;
    return pipeline.cameras.filter(
      (camera) => this.#graph(camera)?.some((node) => (node.slot ?? mainSlot) === slot) ?? slot === mainSlot,
    );
  }

  #applyTo(camera: string): void {
    const { pipeline, drift, reportEvent } = this.#ports;
    const { '*': all = {}, [camera]: one = {} } = this.#ports.stateStore.state.pipelines;
    const { drift: ofAll = {}, nodes: _, ...forAll } = all;
    const { drift: ofOne = {}, nodes: __, ...forOne } = one;
    const nodes = this.#graph(camera);
    // Nobody names nodes any more: the usual one again.
    const rest = pipeline.settings(camera).nodes === undefined ? {} : { nodes: defaultNodes };
    const graph = nodes === undefined ? rest : { nodes };
    try {
      pipeline.configure(camera, { ...this.#baseline.get(camera), ...forAll, ...forOne, ...graph });
      this.#refused.delete(camera);
      drift(camera, mergeDrift(ofAll, ofOne));
    } catch (error) {
      const message = describeError(error);
      this.#refused.set(camera, message);
      void reportEvent({ kind: 'desired.settings-refused', severity: 'error', camera, message });
    }
  }

  #graph(camera: string): NodeSettings[] | undefined {
    const { pipelines, slots = {} } = this.#ports.stateStore.state;
    const explicit = pipelines[camera]?.nodes ?? pipelines['*']?.nodes ?? this.#baseline.get(camera)?.nodes;
    const scopes = Object.entries(slots).flatMap(([slot, { desired }]) =>
      desired === undefined ? [] : [[slot, desired] as const],
    );
    return nodesOf(camera, explicit, Object.fromEntries<Scope>(scopes));
  }
}
