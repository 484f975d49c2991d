import { CdrReader } from '../cdr/cdr-reader.ts';
import type { CdrWriter } from '../cdr/cdr-writer.ts';

/** lifecycle_msgs/msg/State. */
export interface LifecycleState {
  readonly id: number;
  readonly label: string;
}

/** lifecycle_msgs/msg/Transition. */
export interface Transition {
  readonly id: number;
  readonly label: string;
}

/** lifecycle_msgs/msg/TransitionDescription. */
export interface TransitionDescription {
  readonly transition: Transition;
  readonly start: LifecycleState;
  readonly goal: LifecycleState;
}

/** lifecycle_msgs/msg/TransitionEvent. */
export interface TransitionEvent extends TransitionDescription {
  readonly timestampNs: bigint;
}

export function readLabelled(
  reader: CdrReader,
  field: string,
): { readonly id: number; readonly label: string } {
  return { id: reader.uint8(`${field}.id`), label: reader.string(`${field}.label`) };
}

export function writeLabelled(writer: CdrWriter, { id, label }: LifecycleState | Transition): void {
  writer.uint8(id);
  writer.string(label);
}

export function writeTransitionDescription(writer: CdrWriter, description: TransitionDescription): void {
  writeLabelled(writer, description.transition);
  writeLabelled(writer, description.start);
  writeLabelled(writer, description.goal);
}

export function writeTransitionEvent(writer: CdrWriter, event: TransitionEvent): Uint8Array {
  writer.reset();
  writer.uint64(event.timestampNs);
  writeTransitionDescription(writer, event);
  return writer.finish();
}

export function readTransitionEvent(bytes: Uint8Array): TransitionEvent {
  const reader = new CdrReader(bytes, 'lifecycle_msgs/msg/TransitionEvent');
  return {
    timestampNs: reader.uint64('timestamp'),
    transition: readLabelled(reader, 'transition'),
    start: readLabelled(reader, 'start_state'),
    goal: readLabelled(reader, 'goal_state'),
  };
}
