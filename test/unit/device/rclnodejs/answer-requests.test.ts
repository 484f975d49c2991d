import { expect, it } from 'vitest';
import { answerRequests } from '../../../../device/rclnodejs/answer-requests.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

/** A service of parameters that fails, and what it sent. */
function served() {
  const log = new RecordingLog();
  const sent: object[] = [];
  const answers = answerRequests(
    'rcl_interfaces/srv/SetParameters',
    () => {
      throw new Error('the lamp is broken');
    },
    { service: '/light/set_parameters', log, isGone: () => false },
  );
  const response = { send: (answer: object) => void sent.push(answer) };
  const ask = () => answers.listener({ parameters: [] }, response as never);
  return { log, sent, ask, close: answers.close };
}

it('A request through rclnodejs whose answer fails is refused, at the pace of its client', async () => {
  const { log, sent, ask, close } = served();
  for (let each = 0; each < 12; each += 1) ask();
  expect(sent).toHaveLength(8);
  await expect.poll(() => sent.length).toBe(12);
  expect(sent).toEqual(Array.from({ length: 12 }, () => ({ results: [] })));
  expect(log.at('warn')[0]).toMatchObject(['A service request is refused', { reason: 'the lamp is broken' }]);
  close();
});

it('A request through rclnodejs is refused at once where 1000 wait', () => {
  const { sent, ask, close } = served();
  for (let each = 0; each < 1008; each += 1) ask();
  expect(sent).toHaveLength(8);
  ask();
  expect(sent).toHaveLength(9);
  close();
});
