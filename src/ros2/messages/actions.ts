import { toHex } from '../../base/index.ts';
import { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';
import { readTime, writeTime } from './header.ts';

/** action_msgs/msg/GoalInfo; the UUID as 32 hexadecimal digits. */
export interface GoalInfo {
  readonly goalId: string;
  readonly stampNs: bigint;
}

/** action_msgs/msg/GoalStatus. */
export interface GoalStatus extends GoalInfo {
  readonly status: number;
}

/** goshawk_msgs/action/SwapModel_Feedback. */
export interface SwapFeedback {
  readonly state: string;
  /** 0..100. */
  readonly percent: number;
}

const uuidOctets = 16;

export function readGoalId(reader: CdrReader, field: string): string {
  const octets = reader.fixedOctets(uuidOctets, `${field}.uuid`);
  return toHex(octets);
}

function writeGoalId(writer: CdrWriter, goalId: string): void {
  const octets = Uint8Array.from({ length: uuidOctets }, (_, at) =>
    Number.parseInt(goalId.slice(2 * at, 2 * at + 2), 16),
  );
  writer.fixedOctets(octets);
}

export function readGoalInfo(reader: CdrReader, field: string): GoalInfo {
  return { goalId: readGoalId(reader, `${field}.goal_id`), stampNs: readTime(reader, `${field}.stamp`) };
}

export function writeGoalInfo(writer: CdrWriter, { goalId, stampNs }: GoalInfo): void {
  writeGoalId(writer, goalId);
  writeTime(writer, stampNs);
}

/** action_msgs/msg/GoalStatusArray. */
export function writeGoalStatuses(writer: CdrWriter, statuses: readonly GoalStatus[]): Uint8Array {
  writer.reset();
  writer.uint32(statuses.length);
  for (const goal of statuses) {
    writeGoalInfo(writer, goal);
    writer.int8(goal.status);
  }
  return writer.finish();
}

export function readGoalStatuses(bytes: Uint8Array): GoalStatus[] {
  const reader = new CdrReader(bytes, 'action_msgs/msg/GoalStatusArray');
  const count = reader.sequence('status_list', 25);
  return Array.from({ length: count }, () => ({
    ...readGoalInfo(reader, 'goal_info'),
    status: reader.int8('status'),
  }));
}

/** goshawk_msgs/action/SwapModel_FeedbackMessage. */
export function writeSwapFeedback(
  writer: CdrWriter,
  { goalId, feedback }: { readonly goalId: string; readonly feedback: SwapFeedback },
): Uint8Array {
  writer.reset();
  writeGoalId(writer, goalId);
  writer.string(feedback.state);
  writer.uint8(feedback.percent);
  return writer.finish();
}

export function readSwapFeedback(bytes: Uint8Array): { goalId: string; feedback: SwapFeedback } {
  const reader = new CdrReader(bytes, 'goshawk_msgs/action/SwapModel_FeedbackMessage');
  const goalId = readGoalId(reader, 'goal_id');
  return { goalId, feedback: { state: reader.string('state'), percent: reader.uint8('percent') } };
}
