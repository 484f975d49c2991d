import { rosEnvironment } from '../../../device/dds/index.ts';
import { loadDds } from '../../../native/index.ts';
import type { ServiceType } from '../../../src/ros2/index.ts';
import { ServiceClient } from './service-client.ts';

/** Tells a managed node over Cyclone DDS what to do, as `ros2 lifecycle` does. */
export class LifecycleClient {
  readonly #participant;
  readonly #change: ServiceClient;
  readonly #state: ServiceClient;

  constructor(node: string, domain: number) {
    const { configuration } = rosEnvironment({ ROS_DOMAIN_ID: String(domain), ROS_LOCALHOST_ONLY: '1' });
    const addon = loadDds('cyclone');
    this.#participant = new addon.DdsParticipant({ domain, configuration, userData: '' });
    const client = (service: string, type: ServiceType) =>
      new ServiceClient(addon, this.#participant, `${node}/${service}`, type);
    this.#change = client('change_state', 'lifecycle_msgs/srv/ChangeState');
    this.#state = client('get_state', 'lifecycle_msgs/srv/GetState');
  }

  /** Resolves when the node has answered, however long its work takes. */
  change(label: string): Promise<boolean> {
    return this.#change.call(
      (request) => {
        request.uint8(0);
        request.string(label);
      },
      (reply) => reply.boolean('success'),
    );
  }

  state(): Promise<string> {
    return this.#state.call(
      (request) => request.uint8(0),
      (reply) => {
        reply.uint8('id');
        return reply.string('label');
      },
    );
  }

  close(): void {
    this.#change.close();
    this.#state.close();
    this.#participant.close();
  }
}
