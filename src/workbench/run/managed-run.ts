import { InputError } from '../../base/index.ts';

/** How long a node that was told to end stays, so that its answer goes out. */
export const answerGraceMs = 200;

export function notManaged(): InputError {
  return new InputError(
    'run-not-managed',
    'A run that waits for a lifecycle manager has to be a node of ROS 2.',
    'Add --publish ros, or leave --no-ros-auto-activate out.',
  );
}
