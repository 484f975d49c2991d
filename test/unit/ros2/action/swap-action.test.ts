import { describe, expect, it, vi } from 'vitest';
import { CancelledError } from '../../../../src/base/index.ts';
import {
  cancelCodes,
  type GoalStatus,
  goalStatusNumbers,
  qosProfiles,
  readGoalStatuses,
  readSwapFeedback,
  SwapAction,
  type SwapProgress,
} from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';

const id = (number: number) => number.toString(16).padStart(32, '0');
const goal = { name: 'street', version: '2' };

/** A swap that the test steers. */
function steered() {
  const graph = new FakeRosGraph();
  const clock = new FakeClock();
  const work: {
    report: (progress: SwapProgress) => void;
    end: (digest: string) => void;
    fail: (error: Error) => void;
    stopped: boolean;
  }[] = [];
  const node = graph.join({ namespace: '/', name: 'goshawk' });
  const advertise = node.advertise.bind(node);
  const broken = new Set<string>();
  // As a writer of the middleware: one that is closed can't be written to.
  vi.spyOn(node, 'advertise').mockImplementation((...args) => {
    const publisher = advertise(...args);
    let closed = false;
    return {
      ...publisher,
      publish: (bytes) => {
        if (closed || broken.has(publisher.topic)) throw new Error('closed');
        return publisher.publish(bytes);
      },
      close: () => {
        closed = true;
        publisher.close();
      },
    };
  });
  const action = new SwapAction({
    node,
    clock,
    swap: (_, report, signal) =>
      new Promise((end, fail) => {
        const one = { report, end, fail, stopped: false };
        signal.addEventListener('abort', () => {
          one.stopped = true;
        });
        work.push(one);
      }),
  });
  const client = graph.join({ namespace: '/', name: 'client' });
  const heard: { statuses: GoalStatus[][]; feedback: string[] } = { statuses: [], feedback: [] };
  const common = { maxBytes: 10_000, queue: 10 };
  client.subscribe({
    ...{ ...common, topic: '/goshawk/swap_model/_action/status', type: 'action_msgs/msg/GoalStatusArray' },
    qos: qosProfiles.latched,
    onMessage: ({ bytes, release }) => {
      heard.statuses.push(readGoalStatuses(bytes));
      release();
    },
  });
  client.subscribe({
    ...{ ...common, topic: '/goshawk/swap_model/_action/feedback', qos: qosProfiles.standard },
    type: 'goshawk_msgs/action/SwapModel_FeedbackMessage',
    onMessage: ({ bytes, release }) => {
      const { goalId, feedback } = readSwapFeedback(bytes);
      heard.feedback.push(`${Number.parseInt(goalId, 16)} ${feedback.state} ${feedback.percent}`);
      release();
    },
  });
  const at = '/goshawk/swap_model/_action';
  return {
    ...{ action, clock, work, heard, broken },
    send: async (number: number) => {
      const answer = await graph.call(`${at}/send_goal`, 'goshawk_msgs/action/SwapModel_SendGoal', {
        ...{ goalId: id(number), goal },
      });
      clock.advance(0);
      return answer?.accepted;
    },
    cancel: (number: number) =>
      graph.call(`${at}/cancel_goal`, 'action_msgs/srv/CancelGoal', {
        goal: { goalId: id(number), stampNs: 0n },
      }),
    result: (number: number) =>
      graph.call(`${at}/get_result`, 'goshawk_msgs/action/SwapModel_GetResult', { goalId: id(number) }),
    states: () => heard.statuses.map((list) => list.map(({ status }) => status).join()),
  };
}

describe('The action of a model swap', () => {
  it('tells how far it is, and gives its result to who waits and to who comes later', async () => {
    const { send, work, result, heard, states } = steered();
    expect(await send(1)).toBe(true);
    const waiting = result(1);
    await expect.poll(() => work).toHaveLength(1);
    work[0]?.report({ state: 'preparing', percent: 12.4, cancellable: true });
    work[0]?.report({ state: 'preparing', percent: 12.3, cancellable: true });
    work[0]?.report({ state: 'swapping', percent: 400, cancellable: false });
    work[0]?.end('sha256:2');
    const done = {
      status: goalStatusNumbers.succeeded,
      result: { ok: true, digest: 'sha256:2', reason: '' },
    };
    expect(await waiting).toEqual(done);
    expect(await result(1)).toEqual(done);
    await expect.poll(() => heard.feedback).toEqual(['1 preparing 12', '1 swapping 100']);
    expect(states()).toEqual(['', '1', '2', '4']);
  });

  it('rejects a goal while another one is under way, and says of an unknown one that it is unknown', async () => {
    const { send, result } = steered();
    expect(await send(1)).toBe(true);
    expect(await send(2)).toBe(false);
    expect(await result(2)).toMatchObject({ status: goalStatusNumbers.unknown, result: { ok: false } });
  });

  it('goes on where its progress cannot be told', async () => {
    const { send, work, result, broken } = steered();
    await send(1);
    await expect.poll(() => work).toHaveLength(1);
    broken.add('/goshawk/swap_model/_action/feedback');
    expect(() => work[0]?.report({ state: 'preparing', percent: 12, cancellable: true })).not.toThrow();
    work[0]?.end('sha256:2');
    expect(await result(1)).toMatchObject({ result: { ok: true, digest: 'sha256:2' } });
  });

  it('ends with the reason where the swap fails', async () => {
    const { send, work, result } = steered();
    await send(1);
    await expect.poll(() => work).toHaveLength(1);
    work[0]?.fail(new Error('The golden set says no.'));
    expect(await result(1)).toEqual({
      status: goalStatusNumbers.aborted,
      result: { ok: false, digest: '', reason: 'The golden set says no.' },
    });
    expect(await send(2)).toBe(true);
  });

  it('is cancelled before the model is kept', async () => {
    const { send, work, cancel, result, states } = steered();
    await send(1);
    await expect.poll(() => work).toHaveLength(1);
    work[0]?.report({ state: 'probation', percent: 0, cancellable: true });
    expect(await cancel(1)).toMatchObject({ returnCode: cancelCodes.none, canceling: [{ goalId: id(1) }] });
    expect(work[0]?.stopped).toBe(true);
    work[0]?.fail(new CancelledError('The swap'));
    expect((await result(1))?.status).toBe(goalStatusNumbers.canceled);
    expect(states()).toEqual(['', '1', '2', '3', '5']);
    expect(await cancel(1)).toEqual({ returnCode: cancelCodes.goalOver, canceling: [] });
  });

  it('is not cancelled any more once the model is kept', async () => {
    const { send, work, cancel, result } = steered();
    await send(1);
    await expect.poll(() => work).toHaveLength(1);
    work[0]?.report({ state: 'committed', percent: 100, cancellable: false });
    expect(await cancel(1)).toEqual({ returnCode: cancelCodes.rejected, canceling: [] });
    expect(work[0]?.stopped).toBe(false);
    work[0]?.end('sha256:2');
    expect((await result(1))?.status).toBe(goalStatusNumbers.succeeded);
  });

  it('that succeeds although it was to be cancelled says so', async () => {
    const { send, work, cancel, result } = steered();
    await send(1);
    await expect.poll(() => work).toHaveLength(1);
    await cancel(1);
    work[0]?.end('sha256:2');
    expect((await result(1))?.status).toBe(goalStatusNumbers.succeeded);
  });

  it('lets no more than 32 clients wait', async () => {
    const { send, result, work } = steered();
    await send(1);
    await expect.poll(() => work).toHaveLength(1);
    const waiting = Array.from({ length: 32 }, () => result(1));
    expect(await result(1)).toMatchObject({
      status: 0,
      result: { reason: 'Too many wait for this result.' },
    });
    work[0]?.end('sha256:2');
    for (const one of waiting) expect((await one)?.status).toBe(goalStatusNumbers.succeeded);
  });

  it('is given up with its node, where it can be', async () => {
    const { send, action, work, heard } = steered();
    await send(1);
    await expect.poll(() => work).toHaveLength(1);
    action.close();
    expect(work[0]?.stopped).toBe(true);
    const told = heard.statuses.length;
    work[0]?.report({ state: 'rolling-back', percent: 0, cancellable: false });
    work[0]?.fail(new CancelledError('The swap'));
    await settle();
    expect(heard.statuses).toHaveLength(told);
    expect(heard.feedback).toEqual([]);
  });
});
