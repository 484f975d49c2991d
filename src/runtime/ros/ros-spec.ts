import type { PublishedTopic } from '../../adapters/ros2/index.ts';
import { defined, InputError } from '../../base/index.ts';
import { type NodeName, type Qos, qosProfiles } from '../../ros2/index.ts';

import { type DepthSpec, takeDepthSpec } from './depth-spec.ts';

/*
 * What settings and the command line say of ROS 2, from text. Each throws an InputError that says what to write.
 */

export const rosScheme = 'ros:';

/** `/robot1/goshawk`. */
export function parseNode(text: string): NodeName {
  const parts = text.split('/');
  const name = parts.pop() ?? '';
  const namespace = parts.filter((part) => part !== '').join('/');
  return { namespace: `/${namespace}`, name };
}

/** Each `from:=to`. */
export function parseRemap(rules: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    rules.map((rule): [string, string] => {
      const [from, to, ...rest] = rule.split(':=');
      if (from === undefined || from === '' || to === undefined || to === '' || rest.length > 0) {
        throw new InputError(
          'ros-remap',
          `"${rule}" is not a remapping.`,
          'Write from:=to, e.g. ~/detections:=/detections.',
        );
      }
      return [from, to];
    }),
  );
}

/**
 * `ros:/camera/image_raw?reliability=reliable&depth=10`; defaults are those of a sensor. `type=compressed` reads
 * sensor_msgs/msg/CompressedImage from a topic that is not named so; `depth_topic` and what follows it: see depth-spec.ts.
 */
export function parseRosSource(spec: string): {
  readonly topic: string;
  readonly qos: Qos;
  /** Absent: as the topic is named. */
  readonly compressed?: boolean;
  readonly depth?: DepthSpec;
} {
  const [topic = '', query = ''] = spec.slice(rosScheme.length).split('?', 2);
  const wrong = (what: string) =>
    new InputError(
      'ros-source',
      `The source ${spec} ${what}.`,
      'Write ros:/camera/image_raw or ros:/camera/image_raw?reliability=reliable&durability=volatile&depth=5&type=raw.',
    );
  if (topic === '') throw wrong('names no topic');
  const asked = new URLSearchParams(query);
  const type = asked.get('type');
  asked.delete('type');
  if (type !== null && type !== 'raw' && type !== 'compressed')
    throw wrong('has another type than raw or compressed');
  const depth = takeDepthSpec(asked, wrong);
  const qos = parseQos(asked.toString(), qosProfiles.sensorData, wrong);
  return {
    ...{ topic, qos },
    ...(type === null ? {} : { compressed: type === 'compressed' }),
    ...defined({ depth }),
  };
}

/** `detections?reliability=best_effort&depth=1`, one rule for a topic. */
export function parseTopicQos(rules: readonly string[]): Partial<Record<PublishedTopic, Qos>> {
  const defaults: Record<PublishedTopic, Qos> = {
    detections: qosProfiles.standard,
    tracks: qosProfiles.standard,
    info: qosProfiles.standard,
    annotated: qosProfiles.sensorData,
  };
  return Object.fromEntries(
    rules.map((rule) => {
      const [topic = '', query = ''] = rule.split('?', 2);
      const wrong = (what: string) =>
        new InputError(
          'ros-topic-qos',
          `The QoS ${rule} ${what}.`,
          `Write <topic>?reliability=best_effort&durability=volatile&depth=1; topics are ${Object.keys(defaults).join(', ')}.`,
        );
      if (!Object.hasOwn(defaults, topic)) throw wrong('is of no topic that is published');
      return [topic, parseQos(query, defaults[topic as PublishedTopic], wrong)];
    }),
  );
}

function parseQos(query: string, defaults: Qos, wrong: (what: string) => InputError): Qos {
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].filter((key) => !['reliability', 'durability', 'depth'].includes(key));
  if (unknown.length > 0) throw wrong(`has the unknown setting ${unknown[0]}`);
  const reliability = asked.get('reliability') ?? defaults.reliability;
  const durability = asked.get('durability') ?? defaults.durability;
  const depth = Number(asked.get('depth') ?? defaults.depth);
  if (reliability !== 'reliable' && reliability !== 'best_effort')
    throw wrong('has another reliability than reliable or best_effort');
  if (durability !== 'volatile' && durability !== 'transient_local')
    throw wrong('has another durability than volatile or transient_local');
  if (!Number.isInteger(depth) || depth < 1 || depth > 100)
    throw wrong('has a depth that is not from 1 to 100');
  return { reliability, durability, depth };
}
