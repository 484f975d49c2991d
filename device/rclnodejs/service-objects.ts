import { defined } from '../../src/base/index.ts';
import {
  type CallableService,
  type GoalInfo,
  type IndividualTypeDescription,
  type LifecycleState,
  type ParameterDescriptor,
  type ParameterValue,
  parameterTypeNumber,
  parameterTypes,
  type ServiceRequest,
  type ServiceResponse,
  type ServiceType,
  type Transition,
  type TransitionDescription,
} from '../../src/ros2/index.ts';

/* rclnodejs hands over services as objects of the .srv file's fields; only parameter values look otherwise with us. */

interface RosValue {
  readonly type: number;
  readonly bool_value: boolean;
  readonly double_value: number;
  readonly string_array_value: readonly string[];
}

interface RosGoalId {
  readonly uuid: Iterable<number>;
}

interface RosTime {
  readonly sec: number;
  readonly nanosec: number;
}

interface RosRequest {
  readonly goal_id: RosGoalId;
  readonly goal: { readonly name: string; readonly version: string };
  readonly goal_info: { readonly goal_id: RosGoalId; readonly stamp: RosTime };
  readonly data: boolean;
  readonly names: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly value: RosValue }[];
  readonly prefixes: readonly string[];
  readonly depth: number | bigint;
  readonly transition: Transition;
  readonly type_name: string;
  readonly type_hash: string;
  readonly name: string;
  readonly version: string;
  readonly camera: string;
  readonly annotated: boolean;
}

export function fromRosRequest<Type extends ServiceType>(type: Type, request: unknown): ServiceRequest<Type> {
  return requests[type](request as RosRequest) as ServiceRequest<Type>;
}

/** How many parameters a request wants to set, if it is one of those. */
export const parametersIn = (request: unknown): number =>
  (request as Partial<RosRequest>).parameters?.length ?? 0;

export function toRosResponse<Type extends ServiceType>(type: Type, response: ServiceResponse<Type>): object {
  return responses[type](response);
}

/** Of a service that is called. The fields of the others are named alike on both sides. */
export function toRosRequest<Type extends CallableService>(
  type: Type,
  request: ServiceRequest<Type>,
): object {
  if (type !== 'type_description_interfaces/srv/GetTypeDescription') return request;
  const { typeName, typeHash } =
    request as ServiceRequest<'type_description_interfaces/srv/GetTypeDescription'>;
  return { type_name: typeName, type_hash: typeHash, include_type_sources: false };
}

export function fromRosResponse<Type extends CallableService>(
  type: Type,
  answer: unknown,
): ServiceResponse<Type> {
  const read = answersOfOthers[type];
  return (read === undefined ? answer : read(answer as RosAnswer)) as ServiceResponse<Type>;
}

interface RosAnswer {
  readonly current_state: LifecycleState;
  readonly successful: boolean;
  readonly failure_reason: string;
  readonly type_description: {
    readonly type_description: RosType;
    readonly referenced_type_descriptions: readonly RosType[];
  };
}

interface RosType {
  readonly type_name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: {
      readonly type_id: number;
      readonly capacity: number | bigint;
      readonly string_capacity: number | bigint;
      readonly nested_type_name: string;
    };
  }[];
}

const answersOfOthers: { readonly [Type in CallableService]?: (answer: RosAnswer) => object } = {
  'lifecycle_msgs/srv/GetState': ({ current_state: state }) => ({ state }),
  'type_description_interfaces/srv/GetTypeDescription': ({
    successful,
    failure_reason: reason,
    type_description: { type_description: root, referenced_type_descriptions: referenced },
  }) => ({
    ...{ successful, reason },
    description: {
      type_description: fromRosType(root),
      referenced_type_descriptions: referenced.map(fromRosType),
    },
  }),
};

/** rclnodejs gives numbers of 64 bits as a bigint where they are large. */
function fromRosType({ type_name, fields }: RosType): IndividualTypeDescription {
  return {
    type_name,
    fields: fields.map(({ name, type: { type_id, capacity, string_capacity, nested_type_name } }) => ({
      name,
      type: {
        ...{ type_id, nested_type_name },
        ...{ capacity: Number(capacity), string_capacity: Number(string_capacity) },
      },
    })),
  };
}

const nothing = () => ({});
const names = ({ names: asked }: RosRequest) => ({ names: [...asked] });
const parameters = ({ parameters: changes }: RosRequest) => ({
  parameters: changes.map(({ name, value }) => ({ name, value: fromRosValue(value) })),
});

const requests: { readonly [Type in ServiceType]: (request: RosRequest) => ServiceRequest<Type> } = {
  'std_srvs/srv/SetBool': ({ data }) => ({ data }),
  'std_srvs/srv/Trigger': nothing,
  'std_srvs/srv/Empty': nothing,
  'goshawk_msgs/srv/SetModel': ({ name, version }) => ({ name, version }),
  'goshawk_msgs/srv/Snapshot': ({ camera, annotated }) => ({ camera, annotated }),
  'goshawk_msgs/action/SwapModel_SendGoal': ({ goal_id: id, goal: { name, version } }) => ({
    ...{ goalId: fromRosGoalId(id), goal: { name, version } },
  }),
  'goshawk_msgs/action/SwapModel_GetResult': ({ goal_id: id }) => ({ goalId: fromRosGoalId(id) }),
  'action_msgs/srv/CancelGoal': ({ goal_info: { goal_id: id, stamp } }) => ({
    goal: { goalId: fromRosGoalId(id), stampNs: fromRosTime(stamp) },
  }),
  'rcl_interfaces/srv/GetParameters': names,
  'rcl_interfaces/srv/GetParameterTypes': names,
  'rcl_interfaces/srv/SetParameters': parameters,
  'rcl_interfaces/srv/SetParametersAtomically': parameters,
  'rcl_interfaces/srv/DescribeParameters': names,
  'rcl_interfaces/srv/ListParameters': ({ prefixes, depth }) => ({
    prefixes: [...prefixes],
    depth: Number(depth),
  }),
  'type_description_interfaces/srv/GetTypeDescription': ({ type_name: typeName, type_hash: typeHash }) => ({
    typeName,
    typeHash,
  }),
  'lifecycle_msgs/srv/ChangeState': ({ transition: { id, label } }) => ({ transition: { id, label } }),
  'lifecycle_msgs/srv/GetState': nothing,
  'lifecycle_msgs/srv/GetAvailableStates': nothing,
  'lifecycle_msgs/srv/GetAvailableTransitions': nothing,
};

const asTheyAre = (response: object) => response;
const responses: { readonly [Type in ServiceType]: (response: ServiceResponse<Type>) => object } = {
  'std_srvs/srv/SetBool': asTheyAre,
  'std_srvs/srv/Trigger': asTheyAre,
  'std_srvs/srv/Empty': asTheyAre,
  'goshawk_msgs/srv/SetModel': asTheyAre,
  'goshawk_msgs/srv/Snapshot': ({ success, message, picture }) => ({
    ...{ success, message },
    ...(picture === undefined ? {} : { picture: toRosPicture(picture) }),
  }),
  'goshawk_msgs/action/SwapModel_SendGoal': ({ accepted, stampNs }) => ({
    ...{ accepted, stamp: toRosTime(stampNs) },
  }),
  'goshawk_msgs/action/SwapModel_GetResult': asTheyAre,
  'action_msgs/srv/CancelGoal': ({ returnCode, canceling }) => ({
    ...{ return_code: returnCode, goals_canceling: canceling.map(toRosGoalInfo) },
  }),
  'rcl_interfaces/srv/GetParameters': ({ values }) => ({ values: values.map(toRosValue) }),
  'rcl_interfaces/srv/GetParameterTypes': asTheyAre,
  'rcl_interfaces/srv/SetParameters': asTheyAre,
  'rcl_interfaces/srv/SetParametersAtomically': asTheyAre,
  'rcl_interfaces/srv/DescribeParameters': ({ descriptors }) => ({
    descriptors: descriptors.map(toRosDescriptor),
  }),
  'rcl_interfaces/srv/ListParameters': asTheyAre,
  'type_description_interfaces/srv/GetTypeDescription': ({ successful, reason, description }) => ({
    ...{ successful, failure_reason: reason },
    ...defined({ type_description: description }),
  }),
  'lifecycle_msgs/srv/ChangeState': asTheyAre,
  'lifecycle_msgs/srv/GetState': ({ state }) => ({ current_state: state }),
  'lifecycle_msgs/srv/GetAvailableStates': ({ states }) => ({ available_states: [...states] }),
  'lifecycle_msgs/srv/GetAvailableTransitions': ({ transitions }) => ({
    available_transitions: transitions.map(toRosTransition),
  }),
};

function toRosPicture({
  header: { stampNs, frameId },
  format,
  data,
}: NonNullable<ServiceResponse<'goshawk_msgs/srv/Snapshot'>['picture']>): object {
  return { header: { stamp: toRosTime(stampNs), frame_id: frameId }, format, data };
}

const second = 1_000_000_000n;

function toRosTime(stampNs: bigint): RosTime {
  return { sec: Number(stampNs / second), nanosec: Number(stampNs % second) };
}

function fromRosTime({ sec, nanosec }: RosTime): bigint {
  return BigInt(sec) * second + BigInt(nanosec);
}

function fromRosGoalId({ uuid }: RosGoalId): string {
  return Buffer.from([...uuid]).toString('hex');
}

function toRosGoalInfo({ goalId, stampNs }: GoalInfo): object {
  const uuid = Uint8Array.from(Buffer.from(goalId, 'hex'));
  return { goal_id: { uuid }, stamp: toRosTime(stampNs) };
}

function toRosTransition({ transition, start, goal }: TransitionDescription): object {
  return { transition, start_state: start, goal_state: goal };
}

function fromRosValue(value: RosValue): ParameterValue {
  const type = parameterTypes[value.type] ?? 'not_set';
  if (type === 'bool') return { type, value: value.bool_value };
  if (type === 'double') return { type, value: value.double_value };
  if (type === 'string_array') return { type, value: [...value.string_array_value] };
  const list = type.endsWith('_array') ? value[`${type}_value` as keyof RosValue] : undefined;
  return isEmpty(list) ? { type, empty: true } : { type };
}

function isEmpty(list: unknown): boolean {
  return typeof list === 'object' && list !== null && 'length' in list && list.length === 0;
}

function toRosValue(value: ParameterValue): RosValue & object {
  return {
    type: parameterTypeNumber(value.type),
    bool_value: value.type === 'bool' && value.value,
    double_value: value.type === 'double' ? value.value : 0,
    string_array_value: value.type === 'string_array' ? [...value.value] : [],
  };
}

function toRosDescriptor({ name, type, description, constraints = '', range }: ParameterDescriptor): object {
  return {
    name,
    type: parameterTypeNumber(type),
    description,
    additional_constraints: constraints,
    floating_point_range:
      range === undefined ? [] : [{ from_value: range.from, to_value: range.to, step: 0 }],
  };
}
