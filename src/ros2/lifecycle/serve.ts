import { type Clock, defined, type Log } from '../../base/index.ts';
import { CdrWriter } from '../cdr/cdr-writer.ts';
import { writeTransitionEvent } from '../messages/lifecycle.ts';
import type { RosEndpoint, RosNode } from '../node/node-port.ts';
import { qosProfiles } from '../node/qos.ts';
import { LifecycleBond } from './bond.ts';
import { LifecycleMachine, type LifecycleWork } from './machine.ts';
import { availableTransitions, lifecycleState, lifecycleStates, transitionGraph } from './table.ts';

export interface ServedLifecycle {
  readonly machine: LifecycleMachine;
  readonly endpoints: readonly RosEndpoint[];
}

export interface LifecycleServiceOptions {
  readonly log?: Log;
  /** A text that no other node has, another one at each call, where a bond is to be kept while the node is active. */
  readonly bond?: () => string;
}

/** What `ros2 lifecycle` and a lifecycle manager ask a managed node for, and `~/transition_event`. */
export function serveLifecycle(
  node: RosNode,
  clock: Clock,
  work: LifecycleWork,
  options: LifecycleServiceOptions = {},
): ServedLifecycle {
  const { log } = options;
  const bond = options.bond === undefined ? undefined : new LifecycleBond(node, clock, options.bond, log);
  const events = node.advertise(
    '~/transition_event',
    'lifecycle_msgs/msg/TransitionEvent',
    qosProfiles.standard,
  );
  const writer = new CdrWriter();
  const machine = new LifecycleMachine({
    work,
    nowMs: () => clock.monotonicMs(),
    onChange: (change) => {
      // Before the event, which may fail to be told: a manager must not take the node for dead.
      try {
        if (change.goal.label === 'active') bond?.start();
        if (change.start.label === 'active') bond?.end();
      } finally {
        events.publish(writeTransitionEvent(writer, { ...change, timestampNs: clock.wallNs() }));
      }
    },
    ...defined({ log }),
  });
  const states = { states: lifecycleStates };
  return {
    machine,
    endpoints: [
      ...(bond === undefined ? [] : [{ topic: node.topic('bond'), close: () => bond.close() }]),
      events,
      node.serve('~/change_state', 'lifecycle_msgs/srv/ChangeState', async ({ transition }) => ({
        success: await machine.request(transition),
      })),
      node.serve('~/get_state', 'lifecycle_msgs/srv/GetState', () => ({
        state: lifecycleState(machine.state),
      })),
      node.serve('~/get_available_states', 'lifecycle_msgs/srv/GetAvailableStates', () => states),
      node.serve('~/get_available_transitions', 'lifecycle_msgs/srv/GetAvailableTransitions', () => ({
        transitions: availableTransitions(machine.state),
      })),
      node.serve('~/get_transition_graph', 'lifecycle_msgs/srv/GetAvailableTransitions', () => ({
        transitions: transitionGraph,
      })),
    ],
  };
}
