import { InputError } from '../../base/index.ts';

/* Rules of https://design.ros2.org/articles/topic_and_service_names.html; lengths as rmw_validate_full_topic_name has them. */

const maxTopicLength = 249;
const maxNodeNameLength = 255;
const token = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface NodeName {
  /** With a slash in front; `/` for none. */
  readonly namespace: string;
  readonly name: string;
}

/** Throws an InputError that says what a ROS node may be named. */
export function checkNodeName({ namespace, name }: NodeName): NodeName {
  const parts = namespace === '/' ? [] : namespace.split('/');
  if (parts.length > 0 && parts.shift() !== '') throw badName('namespace', namespace, 'it must begin with /');
  if (!parts.every((part) => token.test(part))) {
    throw badName('namespace', namespace, 'each part is letters, digits and _, not beginning with a digit');
  }
  if (!token.test(name) || name.length > maxNodeNameLength) {
    throw badName('node name', name, 'letters, digits and _, not beginning with a digit, 255 at most');
  }
  return { namespace, name };
}

/**
 * The full name of a topic: `~/detections` is below the node, `detections` below its namespace, `/detections` as it is;
 * `remap` maps a name as it is written here, or its full name, to another. The five names of an action follow the action's,
 * and then their own, as rcl_action has it (Jazzy since 9.2.8).
 */
export function resolveTopic(
  topic: string,
  node: NodeName,
  remap: Readonly<Record<string, string>> = {},
): string {
  const [, action, part] = partOfAction.exec(topic) ?? [];
  if (action === undefined) return checkTopic(remapped(topic, node, remap));
  return checkTopic(remapped(`${remapped(action, node, remap)}${part}`, node, remap));
}

const partOfAction = /^(.+)(\/_action\/(?:send_goal|cancel_goal|get_result|feedback|status))$/;

/** The first rule whose name, written out, is this one's. */
function remapped(topic: string, node: NodeName, remap: Readonly<Record<string, string>>): string {
  const full = expand(topic, node);
  const rule = Object.entries(remap).find(([from]) => expand(from, node) === full);
  return rule === undefined ? full : expand(rule[1], node);
}

function expand(topic: string, { namespace, name }: NodeName): string {
  const prefix = namespace === '/' ? '' : namespace;
  if (topic === '~') return `${prefix}/${name}`;
  if (topic.startsWith('~/')) return `${prefix}/${name}/${topic.slice(2)}`;
  return topic.startsWith('/') ? topic : `${prefix}/${topic}`;
}

function checkTopic(full: string): string {
  const parts = full.split('/').slice(1);
  if (parts.length === 0 || !parts.every((part) => token.test(part))) {
    throw badName('topic', full, 'parts between / are letters, digits and _, not beginning with a digit');
  }
  if (full.length > maxTopicLength) throw badName('topic', full, `${maxTopicLength} characters at most`);
  return full;
}

/** `/camera/image_raw` -> `rt/camera/image_raw`, the name on the wire. */
export function ddsTopic(full: string): string {
  return `rt${full}`;
}

/** `sensor_msgs/msg/Image` -> `sensor_msgs::msg::dds_::Image_`, the type's name on the wire. */
export function ddsType(type: string): string {
  const match = /^([a-z][a-z0-9_]*)\/(msg|srv|action)\/([A-Z][A-Za-z0-9_]*)$/.exec(type);
  if (match === null) throw badName('type', type, 'it has the form package/msg/Type');
  return `${match[1]}::${match[2]}::dds_::${match[3]}_`;
}

/** The other way round; what ROS does not name so stays as it is. */
export function rosType(onTheWire: string): string {
  return onTheWire.replace(/^(\w+)::(msg|srv|action)::dds_::(\w+)_$/, '$1/$2/$3');
}

/** The two topics of a service, as rmw names them: `/goshawk/enable` -> `rq/goshawk/enableRequest`, `rr/goshawk/enableReply`. */
export function ddsServiceTopics(full: string): { readonly request: string; readonly reply: string } {
  return { request: `rq${full}Request`, reply: `rr${full}Reply` };
}

/** `std_srvs/srv/SetBool` -> `std_srvs::srv::dds_::SetBool_Request_` and `..._Response_`. */
export function ddsServiceTypes(type: string): { readonly request: string; readonly response: string } {
  return { request: ddsType(`${type}_Request`), response: ddsType(`${type}_Response`) };
}

/** `0` to `232`, as ROS_DOMAIN_ID gives it. */
export function parseDomainId(text: string): number {
  const value = Number(text);
  if (!/^\d{1,3}$/.test(text.trim()) || value > 232) {
    throw new InputError(
      'ros-domain',
      `The ROS domain id "${text.slice(0, 40)}" is not a number from 0 to 232.`,
      'Set ROS_DOMAIN_ID to the same number on every machine, or leave it out for 0.',
    );
  }
  return value;
}

function badName(what: string, name: string, rule: string): InputError {
  return new InputError(
    'ros-name',
    `"${name.slice(0, 80)}" is no ROS ${what}: ${rule}.`,
    'Correct the name in the settings.',
  );
}
