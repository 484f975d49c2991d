import { type Clock, describeError, type Log, silentLog } from '../../base/index.ts';
import { type RosEndpoint, type RosNode, SwapAction } from '../../ros2/index.ts';
import { guardedSwap, ModelGate, type ModelSwitch } from './model-switch.ts';

export interface RosModelServicesOptions {
  readonly node: RosNode;
  readonly clock: Clock;
  readonly models: ModelSwitch;
  /** Reads again what is read at the start; gives a sentence of what became of it. */
  readonly reload: () => Promise<string>;
  readonly log?: Log;
}

/** Longest sentence that is answered. */
const maxMessage = 2000;

/**
 * Models steered from the graph: `~/set_model` and the action `~/swap_model` put an allowed one in the place of the one that
 * serves, `~/reload` reads again. A refusal is an answer with its reason.
 */
export function serveModels(options: RosModelServicesOptions): RosEndpoint[] {
  const { node, clock, models, reload, log = silentLog } = options;
  const gate = new ModelGate(clock);
  const swap = guardedSwap(models, gate);
  const never = new AbortController().signal;
  const services = [
    node.serve('~/set_model', 'goshawk_msgs/srv/SetModel', async (wanted) => {
      try {
        const digest = await swap(wanted, () => {}, never);
        log.info('model set from ROS 2', { model: wanted.name, digest });
        return { success: true, message: 'it serves', digest };
      } catch (error) {
        return { success: false, message: sentence(error), digest: '' };
      }
    }),
    node.serve('~/reload', 'std_srvs/srv/Trigger', async () => {
      try {
        return { success: true, message: (await gate.pass(reload)).slice(0, maxMessage) };
      } catch (error) {
        return { success: false, message: sentence(error) };
      }
    }),
  ];
  const action = new SwapAction({ node, clock, swap, log });
  return [...services, { topic: node.topic('~/swap_model'), close: () => action.close() }];
}

function sentence(error: unknown): string {
  return describeError(error).slice(0, maxMessage);
}
