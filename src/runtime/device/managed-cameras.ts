import { type FrameSource, type Pipeline, SwitchedSource } from '../../perception/index.ts';
import type { LifecycleWork } from '../../ros2/index.ts';

/**
 * The published cameras of an agent that is a managed node of ROS 2: they take frames while it is active. Its models are the
 * fleet's affair and stay loaded; whoever shuts the node down ends its cameras and not the agent.
 */
export class ManagedCameras {
  readonly #autoActivate: boolean;
  readonly #sources: SwitchedSource[] = [];
  readonly #wasEnabled = new Map<string, boolean>();

  constructor(autoActivate: boolean) {
    this.#autoActivate = autoActivate;
  }

  /** Opened by the pipeline only when the node is active. */
  add(source: FrameSource): FrameSource {
    const switched = new SwitchedSource(source, this.#autoActivate);
    this.#sources.push(switched);
    return switched;
  }

  work(pipeline: Pipeline): LifecycleWork {
    const nothing = async () => {};
    const rest = async () => {
      for (const source of this.#sources) {
        await source.turn(false);
        this.#rest(pipeline, source.camera);
      }
    };
    return {
      configure: nothing,
      activate: async () => {
        for (const source of this.#sources) {
          this.#resume(pipeline, source.camera);
          await source.turn(true);
        }
      },
      deactivate: rest,
      cleanup: nothing,
      shutdown: rest,
    };
  }

  /** Until it is active for the first time. */
  restAll(pipeline: Pipeline): void {
    if (this.#autoActivate) return;
    for (const { camera } of this.#sources) this.#rest(pipeline, camera);
  }

  /** A camera that is off on purpose has no target, and is not missed. */
  #rest(pipeline: Pipeline, camera: string): void {
    if (this.#wasEnabled.has(camera)) return;
    this.#wasEnabled.set(camera, pipeline.settings(camera).enabled);
    pipeline.configure(camera, { enabled: false });
  }

  #resume(pipeline: Pipeline, camera: string): void {
    const enabled = this.#wasEnabled.get(camera);
    if (enabled === undefined) return;
    this.#wasEnabled.delete(camera);
    pipeline.configure(camera, { enabled });
  }
}
