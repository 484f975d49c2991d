import fc from 'fast-check';
import {
  fieldPaths,
  type ObservedType,
  observedTypeHashes,
  readFields,
  readGoalStatuses,
  readSwapFeedback,
  shippedShape,
  writeGoalStatuses,
  writeSwapFeedback,
  writeSynchronized,
} from '../../../../src/ros2/index.ts';
import { describeType } from './definitions.ts';
import {
  ascii,
  both,
  few,
  headers,
  octets,
  rosHeader,
  rosTime,
  type Subject,
  service,
  stamps,
  text,
} from './subjects.ts';

/* Subjects of oracle.test.ts: actions, and the services that steer models. */

const goalIds = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((uuid) => Buffer.from(uuid).toString('hex'));
const rosId = (goalId: string) => ({ uuid: Uint8Array.from(Buffer.from(goalId, 'hex')) });
const goals = fc.record({ goalId: goalIds, stampNs: stamps });
const rosGoal = ({ goalId, stampNs }: { goalId: string; stampNs: bigint }) => ({
  ...{ goal_id: rosId(goalId), stamp: rosTime(stampNs) },
});
const status = fc.integer({ min: -128, max: 127 });
const models = fc.record({ name: ascii, version: ascii });
const nothing = fc.nat({ max: 255 }).map((octet) => ({
  ours: {},
  ros: { structure_needs_at_least_one_member: octet },
}));

const statuses = both(
  'action_msgs/msg/GoalStatusArray',
  () => few(fc.record({ goalId: goalIds, stampNs: stamps, status })),
  (list) => ({ status_list: list.map((goal) => ({ goal_info: rosGoal(goal), status: goal.status })) }),
  writeGoalStatuses,
  (bytes) => readGoalStatuses(bytes),
);
const feedback = both(
  'goshawk_msgs/action/SwapModel_FeedbackMessage',
  (string) =>
    fc.record({
      goalId: goalIds,
      feedback: fc.record({ state: string, percent: fc.nat({ max: 255 }) }),
    }),
  ({ goalId, feedback: told }) => ({ goal_id: rosId(goalId), feedback: told }),
  writeSwapFeedback,
  (bytes) => readSwapFeedback(bytes),
);

const synchronized: Subject = {
  type: 'goshawk_msgs/msg/SynchronizedDetections',
  written: fc
    .record({ header: headers(text), cameras: few(fc.record({ camera: text, header: headers(text) })) })
    .map(({ header, cameras }) => ({
      by: (writer) =>
        writeSynchronized(
          writer,
          header,
          cameras.map((each) => ({ ...each, objects: [] })),
        ),
      ros: {
        header: rosHeader(header),
        cameras: cameras.map(({ camera }) => camera),
        detections: cameras.map(({ header: own }) => ({ header: rosHeader(own), detections: [] })),
      },
    })),
};

/** Any value of a type, from its description. */
function anyOf(type: string): fc.Arbitrary<Record<string, unknown>> {
  const fields = describeType(type).fields.map(
    ({ name, type: { type_id: id, capacity, nested_type_name: nested } }) => {
      const one =
        nested === ''
          ? primitiveOf(id % 48)
          : nested === 'builtin_interfaces/msg/Time'
            ? stamps.map(rosTime)
            : anyOf(nested);
      if (id < 48) return [name, one] as const;
      const many = id < 144 ? { minLength: capacity, maxLength: capacity } : { maxLength: 70 };
      const list = fc.array(fc.float({ noNaN: true }), many);
      return [
        name,
        id % 48 === 10
          ? list.map((each) => Float32Array.from(each))
          : list.map((each) => Float64Array.from(each)),
      ] as const;
    },
  );
  return fc.record(Object.fromEntries(fields));
}

function primitiveOf(id: number): fc.Arbitrary<unknown> {
  const bits = { 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 32 }[id];
  if (bits !== undefined)
    return id % 2 === 0
      ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
      : fc.nat({ max: 2 ** bits - 1 });
  if (id === 8) return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  if (id === 9) return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  if (id === 10) return fc.float();
  if (id === 11) return fc.double();
  return id === 15 ? fc.boolean() : ascii;
}

/** What lies at a path of a value in ROS's words. */
function at(value: unknown, path: string): unknown {
  const found = path
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .reduce<unknown>((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], value);
  return typeof found === 'bigint' ? Number(found) : found;
}

/** The messages of robots: every field that can be asked for, and a place late in each list. */
const observed: Subject[] = [...Object.keys(observedTypeHashes)].map((type) => {
  const paths = fieldPaths(shippedShape(type as ObservedType)).flatMap(({ path }) => [
    path,
    path.replace('[0]', '[63]'),
  ]);
  return {
    type,
    read: {
      by: (bytes) => readFields(shippedShape(type as ObservedType), bytes, paths),
      pairs: anyOf(type).map((ros) => ({
        ros,
        ours: new Map(
          paths.flatMap((path) => {
            const value = at(ros, path);
            return value === undefined ? [] : [[path, value] as const];
          }),
        ),
      })),
    },
  };
});

export const robotSubjects: Subject[] = [
  synchronized,
  ...observed,
  statuses,
  feedback,
  ...service(
    'std_srvs/srv/Trigger',
    nothing,
    fc.record({ success: fc.boolean(), message: text }),
    (response) => response,
  ),
  ...service('std_srvs/srv/Empty', nothing, fc.constant({}), () => ({
    structure_needs_at_least_one_member: 0,
  })),
  ...service(
    'goshawk_msgs/srv/SetModel',
    models.map((ours) => ({ ours, ros: ours })),
    fc.record({ success: fc.boolean(), message: text, digest: text }),
    (response) => response,
  ),
  ...service(
    'goshawk_msgs/srv/Snapshot',
    fc.record({ camera: ascii, annotated: fc.boolean() }).map((ours) => ({ ours, ros: ours })),
    fc.record({
      ...{ success: fc.boolean(), message: text },
      picture: fc.record({ header: headers(text), format: text, data: octets }),
    }),
    ({ picture, ...rest }) => ({
      ...rest,
      picture: { ...picture, header: rosHeader(picture?.header ?? { stampNs: 0n, frameId: '' }) },
    }),
  ),
  ...service(
    'goshawk_msgs/action/SwapModel_SendGoal',
    fc
      .record({ goalId: goalIds, goal: models })
      .map((ours) => ({ ours, ros: { goal_id: rosId(ours.goalId), goal: ours.goal } })),
    fc.record({ accepted: fc.boolean(), stampNs: stamps }),
    ({ accepted, stampNs }) => ({ accepted, stamp: rosTime(stampNs) }),
  ),
  ...service(
    'goshawk_msgs/action/SwapModel_GetResult',
    goalIds.map((goalId) => ({ ours: { goalId }, ros: { goal_id: rosId(goalId) } })),
    fc.record({ status, result: fc.record({ ok: fc.boolean(), digest: text, reason: text }) }),
    (response) => response,
  ),
  ...service(
    'action_msgs/srv/CancelGoal',
    goals.map((goal) => ({ ours: { goal }, ros: { goal_info: rosGoal(goal) } })),
    fc.record({ returnCode: status, canceling: few(goals) }),
    ({ returnCode, canceling }) => ({ return_code: returnCode, goals_canceling: canceling.map(rosGoal) }),
  ),
];
