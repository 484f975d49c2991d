import type { DdsEndpointOptions } from '../../native/index.ts';
import type { Qos } from '../../src/ros2/index.ts';

/** An end of a topic, by its names on the wire. */
export function endpoint(topic: string, type: string, typeHash: string, qos: Qos): DdsEndpointOptions {
  return {
    topic,
    type,
    // As both middlewares of ROS since Iron; older ones don't look at it.
    userData: `typehash=${typeHash};`,
    ...qos,
    maxBytes: 0,
    queue: 1,
    // The event loop must not wait for a slow subscriber.
    maxBlockingMs: 0,
  };
}

/** At most this many publishers are reported per topic. */
export const mostPublishers = 16;
