import { InputError } from '../../base/index.ts';
import {
  callableServices,
  checkedMessage,
  type FieldKind,
  fieldPath,
  isServiceType,
  type MessageShape,
  type ObservedType,
  observedTypeHashes,
  type Reduction,
  shippedService,
  shippedShape,
} from '../../ros2/index.ts';
import { typeHashOf } from './type-finder.ts';

/** One topic of the robot that is told to the fleet. */
export interface ObservedTopic {
  readonly topic: string;
  readonly type: string;
  /** Paths of its fields. */
  readonly fields: readonly string[];
  /** `changed` makes events, the others a metric. */
  readonly reduce: Reduction | 'changed';
  /** Of `changed`. */
  readonly least: number;
  readonly everySeconds: number;
}

export interface CallableRobotService {
  readonly service: string;
  /** `package/srv/Name`. */
  readonly type: string;
  /** Fields that the fleet can't change. */
  readonly request?: Readonly<Record<string, unknown>>;
}

/** Those whose answer is a yes or no, or nothing. */
export type SimpleService = (typeof callableServices)[number];

export function isSimpleService(type: string): type is SimpleService {
  return (callableServices as readonly string[]).includes(type);
}

export interface RobotBridge {
  readonly topics: ReadonlyMap<string, ObservedTopic>;
  readonly services: ReadonlyMap<string, CallableRobotService>;
  readonly diagnostics: boolean;
  /** Folders with the .msg and .srv files of ROS packages. */
  readonly messages: readonly string[];
}

/** As the settings give it. */
export interface BridgeSettings {
  readonly topics?: Readonly<Record<string, ObservedTopic>>;
  readonly services?: Readonly<Record<string, CallableRobotService>>;
  readonly diagnostics?: boolean;
  readonly messages?: readonly string[];
}

/**
 * Throws an InputError for what is no type of a message or of a service, and of a shipped type for a field that it does not have, that
 * has no number, or that is fixed to what it can't be.
 */
export function parseBridge({
  topics = {},
  services = {},
  diagnostics = false,
  messages = [],
}: BridgeSettings): RobotBridge {
  for (const [name, topic] of Object.entries(topics)) {
    const shape = shippedType(topic.type);
    if (shape !== undefined) checkFields(name, topic, shape);
    else if (!typeName.test(topic.type)) throw noType(topic.type);
  }
  for (const [name, service] of Object.entries(services)) checkService(name, service);
  return {
    topics: new Map(Object.entries(topics)),
    services: new Map(Object.entries(services)),
    ...{ diagnostics, messages },
  };
}

function checkService(name: string, { type, request = {} }: CallableRobotService): void {
  if (!isServiceType(type))
    throw new InputError(
      'ros-service-type',
      `ros.bridge.services.${name}: ${type.slice(0, 100)} is not a service type.`,
      'Write package/srv/Name, as ros2 service type prints it.',
    );
  // Of another type when it is called.
  const shipped = shippedService(type, typeHashOf);
  if (shipped !== undefined) checkedMessage(shipped.request.shape, request);
}

const typeName = /^[a-z][a-z0-9_]*\/msg\/[A-Z][A-Za-z0-9_]*$/;

function noType(type: string): InputError {
  return new InputError(
    'ros-observed-type',
    `${type.slice(0, 100)} is not a message type.`,
    'Write package/msg/Name, as ros2 topic info prints it.',
  );
}

/** Undefined for a type whose definition is not ours. */
export function shippedType(type: string): MessageShape | undefined {
  const ours = Object.hasOwn(observedTypeHashes, type) || type === 'std_msgs/msg/Bool';
  return ours ? shippedShape(type as ObservedType) : undefined;
}

const numbers: readonly FieldKind[] = ['number', 'boolean'];

/** Throws an InputError for a field that is not there, and for a text that is to be a number. */
export function checkFields(
  name: string,
  { reduce, fields }: Pick<ObservedTopic, 'reduce' | 'fields'>,
  shape: MessageShape,
): void {
  for (const path of fields) {
    const { kind } = fieldPath(shape, path);
    if (reduce === 'changed' || numbers.includes(kind)) continue;
    throw new InputError(
      'ros-bridge-text',
      `ros.bridge.topics.${name}: the field ${path} is a text, which has no ${reduce}.`,
      'Set reduce to changed: then it is reported as an event.',
    );
  }
}
