import { describeError, InputError } from '../base/index.ts';
import { type CameraSettings, defaultNodes, type NodeSettings } from '../perception/index.ts';
import { type DriftSettings, mainSlot, type SlotScope } from '../protocol/index.ts';
import type { AgentStateStore } from './agent-state-store.ts';
import { mergeDrift } from './drift/drift-service.ts';
import type { AgentEvent } from './event-reporter.ts';
import { filterEvent } from './filter-event.ts';
import type { PipelineHost } from './ports.ts';
import { nodesOf, slotOf } from './slots/camera-nodes.ts';

export interface CameraConfiguratorPorts {
  readonly pipeline: PipelineHost;
  readonly stateStore: AgentStateStore;
  readonly reportEvent: (event: AgentEvent) => Promise<boolean>;
  /** Hands over what the fleet wants of a camera's drift monitor. */
  readonly drift: (camera: string, wanted: DriftSettings) => void;
}

/** What a camera is to have, and what of it the fleet names. */
interface Wanted {
  readonly settings: Partial<CameraSettings>;
  readonly named: Partial<CameraSettings>;
}

/**
 * Gives every camera its own settings, what the fleet wants on top of them, and the nodes of the slots that are there for it.
 * Somebody on the device may set them too: that stays until another value is wanted here, or the fleet begins to name it. But a
 * camera that the fleet wants off is switched off with every order: nobody's word on the device keeps it on for longer.
 */
export class CameraConfigurator {
  readonly #ports: CameraConfiguratorPorts;
  readonly #baseline: Map<string, CameraSettings>;
  readonly #applied = new Map<string, Wanted>();
  readonly #refused = new Map<string, string>();
  /** Graphs that were set here, as text. */
  readonly #graphs = new Map<string, string>();

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

  /** A slot got a model, or lost it: cameras whose graph is another one now. */
  refresh(): void {
    for (const camera of this.#baseline.keys())
      if ((this.#graphs.get(camera) ?? textOf(undefined)) !== textOf(this.#graph(camera)))
        this.#applyTo(camera);
  }

  /** Cameras whose frames go to a slot, as their graphs are in force. */
  camerasOf(slot: string): string[] {
    const { cameras } = this.#ports.pipeline;
    return cameras.filter(
      (camera) => this.#graph(camera)?.some((node) => slotOf(node) === slot) ?? slot === mainSlot,
    );
  }

  #applyTo(camera: string): void {
    const { pipeline, drift, reportEvent } = this.#ports;
    const { '*': all = {}, [camera]: one = {} } = this.#ports.stateStore.state.pipelines;
    const { drift: ofAll = {}, nodes: _, ...forAll } = all;
    const { drift: ofOne = {}, nodes: __, ...forOne } = one;
    const nodes = this.#graph(camera);
    // A graph that was set and is wanted no more does not go by itself.
    const graph = nodes === undefined && !this.#graphs.has(camera) ? {} : { nodes: nodes ?? defaultNodes };
    if (nodes !== undefined) this.#graphs.set(camera, textOf(nodes));
    else if (this.#graphs.has(camera)) this.#graphs.set(camera, textOf(undefined));
    const named = { ...forAll, ...forOne };
    const wanted = { named, settings: { ...this.#baseline.get(camera), ...named, ...graph } };
    const before = this.#applied.has(camera) ? pipeline.settings(camera) : undefined;
    try {
      pipeline.configure(camera, newsOf(wanted, this.#applied.get(camera)));
      this.#applied.set(camera, wanted);
      const changed = before && filterEvent(camera, before, pipeline.settings(camera));
      if (changed !== undefined) void reportEvent(changed);
      this.#refused.delete(camera);
      drift(camera, mergeDrift(ofAll, ofOne));
    } catch (error) {
      const message = describeError(error);
      this.#refused.set(camera, message);
      void reportEvent({ kind: 'desired.settings-refused', severity: 'error', camera, message });
    }
  }

  #graph(camera: string): NodeSettings[] | undefined {
    const { stateStore, pipeline } = this.#ports;
    const { pipelines, slots } = stateStore.state;
    const explicit = pipelines[camera]?.nodes ?? pipelines['*']?.nodes ?? this.#baseline.get(camera)?.nodes;
    const scopes = Object.entries(slots).flatMap(([slot, { desired }]) =>
      // One without a model yet would be told as a fault of the camera.
      desired !== undefined && pipeline.identities().has(slot) ? [[slot, desired] as const] : [],
    );
    return nodesOf(camera, explicit, Object.fromEntries<SlotScope>(scopes));
  }
}

/** What is wanted otherwise than before. */
function newsOf({ settings, named }: Wanted, before: Wanted | undefined): Partial<CameraSettings> {
  if (before === undefined) return settings;
  const known: Readonly<Record<string, unknown>> = { ...before.settings };
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([key, value]) =>
        textOf(value) !== textOf(known[key]) ||
        (key in named && !(key in before.named)) ||
        (key === 'enabled' && named.enabled === false),
    ),
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value ?? null);
}

export function unknownCamera(camera: string, cameras: readonly string[]): InputError {
  return new InputError(
    'camera-unknown',
    `This device has no camera named ${camera}.`,
    `Its cameras are ${cameras.join(', ') || 'none'}.`,
  );
}
