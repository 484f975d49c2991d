import { InputError } from '../../base/index.ts';
import { type MessageShape, shapeOf } from '../messages/message-shape.ts';
import { shapeByTexts } from '../messages/message-text.ts';
import { typeDefinitions } from '../messages/type-definitions.ts';
import { type TypeDescription, typeDescription } from '../messages/type-description.ts';

/** One of the two messages of a service. */
export interface ServicePart {
  readonly shape: MessageShape;
  /** RIHS01_... */
  readonly hash: string;
}

/** A service and what its messages look like. */
export interface ServiceShape {
  /** `dock_msgs/srv/Dock`. */
  readonly name: string;
  readonly request: ServicePart;
  readonly response: ServicePart;
}

export type HashOf = (description: TypeDescription) => string;

/** `package/srv/Name`. */
export function isServiceType(name: string): boolean {
  return name.length <= 200 && /^[a-z][a-z0-9_]*\/srv\/[A-Z][A-Za-z0-9_]*$/.test(name);
}

/** Of a service whose definition is ours; undefined for another one. */
export function shippedService(name: string, hashOf: HashOf): ServiceShape | undefined {
  const partOf = (part: string): ServicePart => {
    const description = typeDescription(`${name}_${part}`);
    return { shape: shapeOf(`${name}_${part}`, description), hash: hashOf(description) };
  };
  if (!isServiceType(name) || !Object.hasOwn(typeDefinitions, `${name}_Request`)) return undefined;
  return { name, request: partOf('Request'), response: partOf('Response') };
}

/** By the text of its .srv file, and of the .msg files that it needs; undefined where there is none of it. */
export function serviceByTexts(
  name: string,
  textOf: (type: string) => string | undefined,
  hashOf: HashOf,
): ServiceShape | undefined {
  const text = textOf(name);
  if (text === undefined) return undefined;
  const [request, response, ...rest] = text.split(/^---[ \t\r]*$/m);
  if (request === undefined || response === undefined || rest.length > 0)
    throw new InputError(
      'ros-service-text',
      `The definition of ${name} has not two parts with a line --- between them.`,
      'Name a folder with the .srv files of ROS 2 packages in ros.bridge.messages, e.g. /opt/ros/jazzy/share.',
    );
  const partOf = (part: string, own: string): ServicePart => {
    const type = `${name}_${part}`;
    const found = shapeByTexts(type, (each) => (each === type ? own : textOf(each)))!;
    return { shape: found.shape, hash: hashOf(found.description) };
  };
  return { name, request: partOf('Request', request), response: partOf('Response', response) };
}
