import { describe, expect, it } from 'vitest';
import type { RobotAnswer } from '../../../src/api/index.ts';
import { robotAnswer } from '../../../src/cli/fleet/robot-answer.ts';

describe('What robot call prints', () => {
  it.each<[RobotAnswer, string[]]>([
    [{ success: true, message: '' }, ['done']],
    [{ success: false, message: 'no dock' }, ['not done: no dock']],
    [{ message: '' }, ['answered']],
    [{ message: '', reply: { result: 1 } }, ['answered', '{\n  "result": 1\n}']],
    [{ message: 'no such map', reply: {} }, ['answered: no such map', '{}']],
  ])('of %j', (answer, lines) => {
    expect(robotAnswer(answer)).toEqual(lines);
  });
});
