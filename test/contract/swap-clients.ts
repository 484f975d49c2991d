import type { CdrReader, CdrWriter, ModelName, ServiceType } from '../../src/ros2/index.ts';
import type { FakeRosGraph } from '../fakes/fake-ros-graph.ts';

/** A client of the action goshawk_msgs/action/SwapModel that is not ours. A goal's id is 32 hexadecimal digits. */
export interface SwapClient {
  /** Whether it was accepted. */
  send(goalId: string, goal: ModelName): Promise<boolean | undefined>;
  /** The goals that are being cancelled. */
  cancel(goalId: string): Promise<readonly string[] | undefined>;
  result(goalId: string): Promise<SwapOutcome | undefined>;
}

export interface SwapOutcome {
  readonly status: number;
  readonly ok: boolean;
  readonly digest: string;
  readonly reason: string;
}

const parts = {
  send: { name: 'send_goal', type: 'goshawk_msgs/action/SwapModel_SendGoal' },
  cancel: { name: 'cancel_goal', type: 'action_msgs/srv/CancelGoal' },
  result: { name: 'get_result', type: 'goshawk_msgs/action/SwapModel_GetResult' },
} as const;

export function fakeSwapClient(graph: FakeRosGraph, action: string): SwapClient {
  const at = (part: keyof typeof parts) => `${action}/_action/${parts[part].name}`;
  return {
    send: async (goalId, goal) => (await graph.call(at('send'), parts.send.type, { goalId, goal }))?.accepted,
    cancel: async (goalId) =>
      (await graph.call(at('cancel'), parts.cancel.type, { goal: { goalId, stampNs: 0n } }))?.canceling.map(
        (goal) => goal.goalId,
      ),
    result: async (goalId) => {
      const answer = await graph.call(at('result'), parts.result.type, { goalId });
      return answer === undefined ? undefined : { status: answer.status, ...answer.result };
    },
  };
}

/** Calls a service with what is written, and reads its answer. */
export type CdrCall = <Value>(
  service: string,
  type: ServiceType,
  write: (request: CdrWriter) => void,
  read: (answer: CdrReader) => Value,
) => Promise<Value | undefined>;

/** By the bytes that rosidl's definitions mean, written out here. */
export function cdrSwapClient(call: CdrCall, action: string): SwapClient {
  const ask = <Value>(
    part: keyof typeof parts,
    write: (request: CdrWriter) => void,
    read: (answer: CdrReader) => Value,
  ) => call(`${action}/_action/${parts[part].name}`, parts[part].type, write, read);
  const octets = (goalId: string) => Uint8Array.from(Buffer.from(goalId, 'hex'));
  return {
    send: (goalId, { name, version }) =>
      ask(
        'send',
        (request) => {
          request.fixedOctets(octets(goalId));
          request.string(name);
          request.string(version);
        },
        (answer) => answer.boolean('accepted'),
      ),
    cancel: (goalId) =>
      ask(
        'cancel',
        (request) => {
          request.fixedOctets(octets(goalId));
          request.int32(0);
          request.uint32(0);
        },
        (answer) => {
          answer.int8('return_code');
          const count = answer.sequence('goals_canceling', 24);
          return Array.from({ length: count }, () => {
            const goal = Buffer.from(answer.fixedOctets(16, 'uuid')).toString('hex');
            answer.skip(4, 2, 'stamp');
            return goal;
          });
        },
      ),
    result: (goalId) =>
      ask(
        'result',
        (request) => request.fixedOctets(octets(goalId)),
        (answer) => ({
          ...{ status: answer.int8('status'), ok: answer.boolean('ok') },
          ...{ digest: answer.string('digest'), reason: answer.string('reason') },
        }),
      ),
  };
}

/** What is used of rclnodejs's client of actions. */
export interface RclActionClient {
  waitForServer(timeoutMs: number): Promise<boolean>;
  sendGoal(
    goal: ModelName,
    onFeedback: undefined,
    goalId: { readonly uuid: Uint8Array },
  ): Promise<{
    readonly accepted: boolean;
    cancelGoal(): Promise<{
      readonly goals_canceling: readonly { readonly goal_id: { readonly uuid: Iterable<number> } }[];
    }>;
    /** Of the goal; known once its result has come. */
    readonly status: number;
    getResult(): Promise<Omit<SwapOutcome, 'status'>>;
  }>;
}

/** rcl_action's own client. It asks for nothing of a goal that was not accepted. */
export function rclSwapClient(client: RclActionClient): SwapClient {
  const goals = new Map<string, Awaited<ReturnType<RclActionClient['sendGoal']>>>();
  return {
    send: async (goalId, goal) => {
      if (!(await client.waitForServer(20_000))) return undefined;
      const uuid = Uint8Array.from(Buffer.from(goalId, 'hex'));
      const sent = await client.sendGoal(goal, undefined, { uuid });
      if (sent.accepted) goals.set(goalId, sent);
      return sent.accepted;
    },
    cancel: async (goalId) =>
      (await goals.get(goalId)?.cancelGoal())?.goals_canceling.map(({ goal_id: { uuid } }) =>
        Buffer.from([...uuid]).toString('hex'),
      ),
    result: async (goalId) => {
      const goal = goals.get(goalId);
      const answer = await goal?.getResult();
      if (goal === undefined || answer === undefined) return undefined;
      const { ok, digest, reason } = answer;
      return { status: goal.status, ok, digest, reason };
    },
  };
}
