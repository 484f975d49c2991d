import { type FrameSource, type Pipeline, SwitchedSource } from '../../perception/index.ts';
import type { ManagedWork } from '../ros/manage.ts';

/**
 * The published cameras of an agent that is a managed node of ROS 2: they take frames while it is active. Its models are the
 * fleet's affair and stay loaded; whoever shuts the node down ends its cameras and not the agent.
 */
export class ManagedCameras {
  readonly #autoActivate: boolean;
  readonly #sources: SwitchedSource[] = [];

  constructor(autoActivate: boolean) {
    this.#autoActivate = autoActivate;
  }

  /** Opened by the pipeline only when the node is active. */
  add(source: FrameSource): FrameSource {
    const switched = new SwitchedSource(source, this.#autoActivate);
    this.#sources.push(switched);
    return switched;
  }

  work(pipeline: Pipeline): ManagedWork {
    const nothing = async () => {};
    // One that can't be closed keeps none of the others open, and nothing is looked at of any.
    const rest = async () => {
      for (const { camera } of this.#sources) pipeline.rest(camera, true);
      const closed = await Promise.allSettled(this.#sources.map((source) => source.turn(false)));
      for (const each of closed) if (each.status === 'rejected') throw each.reason;
    };
    return {
      identity: () => pipeline.identity,
      configure: nothing,
      activate: async () => {
        try {
          for (const source of this.#sources) {
            pipeline.rest(source.camera, false);
            await source.turn(true);
          }
        } catch (error) {
          // The node stays inactive. Why it could not begin is what counts.
          await rest().catch(() => {});
          throw error;
        }
      },
      deactivate: rest,
      cleanup: nothing,
      shutdown: rest,
      recover: rest,
    };
  }

  /** Until it is active for the first time. A camera that rests has no target, and is not missed. */
  restAll(pipeline: Pipeline): void {
    if (this.#autoActivate) return;
    for (const { camera } of this.#sources) pipeline.rest(camera, true);
  }
}
