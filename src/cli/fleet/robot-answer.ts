import type { RobotAnswer } from '../../api/index.ts';

/** What a service of a robot said, for a person. One that does not say whether it was done has answered, and no more. */
export function robotAnswer({ success, message, reply }: RobotAnswer): string[] {
  const what = success === undefined ? 'answered' : success ? 'done' : 'not done';
  const lines = [message === '' ? what : `${what}: ${message}`];
  return reply === undefined ? lines : [...lines, JSON.stringify(reply, undefined, 2)];
}
