import type { DetectorIdentity } from '../../perception/index.ts';
import type { LifecycleWork } from '../../ros2/index.ts';
import type { RosLink } from './ros-link.ts';

export interface ManagedWork extends LifecycleWork {
  /** Of the main model, once it is loaded. */
  readonly identity: () => DetectorIdentity | undefined;
}

/** Serves the life cycle; `auto` goes through it at once and throws what stands in the way. */
export async function manage(ros: RosLink, { identity, ...work }: ManagedWork, auto: boolean): Promise<void> {
  let problem: unknown;
  const told = (step: () => Promise<void>) => async () => {
    try {
      await step();
    } catch (error) {
      problem = error;
      throw error;
    }
  };
  const machine = await ros.manage({
    ...work,
    configure: told(work.configure),
    activate: told(async () => {
      await work.activate();
      await ros.activated(identity());
    }),
  });
  if (!auto) return;
  for (const label of ['configure', 'activate']) {
    if (!(await machine.request({ id: 0, label }))) throw problem;
  }
}
