import { InputError } from '../../base/index.ts';
import {
  type callableServices,
  type FieldKind,
  type FieldPath,
  fieldPath,
  type ObservedType,
  type Reduction,
} from '../../ros2/index.ts';

/** One topic of the robot that is told to the fleet. */
export interface ObservedTopic {
  readonly topic: string;
  readonly type: ObservedType;
  readonly fields: readonly FieldPath[];
  /** `changed` makes events, the others a metric. */
  readonly reduce: Reduction | 'changed';
  /** Of `changed`. */
  readonly least: number;
  readonly everySeconds: number;
}

export interface CallableRobotService {
  readonly service: string;
  readonly type: (typeof callableServices)[number];
}

export interface RobotBridge {
  readonly topics: ReadonlyMap<string, ObservedTopic>;
  readonly services: ReadonlyMap<string, CallableRobotService>;
  readonly diagnostics: boolean;
}

/** As the settings give it. */
export interface BridgeSettings {
  readonly topics?: Readonly<
    Record<
      string,
      Omit<ObservedTopic, 'type' | 'fields'> & { readonly type: string; readonly fields: readonly string[] }
    >
  >;
  readonly services?: Readonly<Record<string, CallableRobotService>>;
  readonly diagnostics?: boolean;
}

/** Throws an InputError for a type that can't be observed, and for a field that it does not have, or that has no number. */
export function parseBridge({
  topics = {},
  services = {},
  diagnostics = false,
}: BridgeSettings): RobotBridge {
  return {
    topics: new Map(
      Object.entries(topics).map(([name, topic]) => {
        const fields = topic.fields.map((path) => checkField(name, topic, fieldPath(topic.type, path)));
        return [name, { ...topic, type: topic.type as ObservedType, fields }];
      }),
    ),
    services: new Map(Object.entries(services)),
    diagnostics,
  };
}

const numbers: readonly FieldKind[] = ['number', 'boolean'];

function checkField(name: string, { reduce }: Pick<ObservedTopic, 'reduce'>, field: FieldPath): FieldPath {
  if (reduce === 'changed' || numbers.includes(field.kind)) return field;
  throw new InputError(
    'ros-bridge-text',
    `ros.bridge.topics.${name}: the field ${field.path} is a text, which has no ${reduce}.`,
    'Set reduce to changed: then it is told as an event.',
  );
}
