import type { SafetyCheck } from '../../agent/index.ts';
import { type Log, MissingError, silentLog } from '../../base/index.ts';
import type { RosEndpoint, RosNode } from '../../ros2/index.ts';

export interface RosSafetyCheckOptions {
  readonly node: RosNode;
  readonly log?: Log;
}

/**
 * Whether it is safe, as the robot says over the graph: it calls `~/hold_updates` (std_srvs/srv/SetBool) with true before it
 * drives, and with false when it stands. Until it has called nobody knows, also after a restart of the agent.
 */
export class RosSafetyCheck implements SafetyCheck {
  readonly #endpoint: RosEndpoint;
  #held: boolean | undefined;

  constructor({ node, log = silentLog }: RosSafetyCheckOptions) {
    this.#endpoint = node.serve('~/hold_updates', 'std_srvs/srv/SetBool', ({ data }) => {
      if (data !== this.#held) log.info('updates held or let go over ROS 2', { held: data });
      this.#held = data;
      return { success: true, message: data ? 'updates are held' : 'updates may switch' };
    });
  }

  async whyNot(): Promise<string | undefined> {
    if (this.#held === undefined)
      throw new MissingError(
        'safety-unsaid',
        `${this.#endpoint.topic} has not been called since the agent started.`,
        'Call it with false while the robot is at rest.',
      );
    return this.#held ? `The robot holds updates (${this.#endpoint.topic}).` : undefined;
  }

  close(): void {
    this.#endpoint.close();
  }
}
