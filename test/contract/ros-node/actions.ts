import { expect } from 'vitest';
import { CancelledError } from '../../../src/base/index.ts';
import { qosProfiles, readGoalStatuses, readSwapFeedback, SwapAction } from '../../../src/ros2/index.ts';
import { clock, listen, type RosScene, until } from './scene.ts';

/** Actions. */
export function actionPromises({ closing, contract, join }: RosScene): void {
  contract('answers goals of an action that was renamed under its new name', async (graph) => {
    const node = await join(graph, 'goshawk', { '~/swap_model': '/fleet/swap' });
    const served = new SwapAction({ node, clock, swap: async () => 'sha256:2' });
    closing.push(() => served.close());
    const watcher = await join(graph, 'watcher');
    const statuses = listen(
      watcher,
      '/fleet/swap/_action/status',
      'action_msgs/msg/GoalStatusArray',
      qosProfiles.latched,
    );
    const client = graph.swapClient('/fleet/swap');
    const goalId = '07'.repeat(16);
    expect(await client.send(goalId, { name: 'street', version: '' })).toBe(true);
    expect(await client.result(goalId)).toMatchObject({ status: 4, digest: 'sha256:2' });
    await until(() =>
      statuses.messages.some((bytes) => readGoalStatuses(bytes).some(({ status }) => status === 4)),
    );
  });

  contract('swaps a model as an action: progress, one goal at a time, cancelled or not', async (graph) => {
    const action = '/goshawk/swap_model';
    const swaps: {
      report: (percent: number, cancellable: boolean) => void;
      end: (digest: string) => void;
      stopped: boolean;
    }[] = [];
    const served = new SwapAction({
      node: await join(graph, 'goshawk'),
      clock,
      swap: (_, report, signal) =>
        new Promise((end, fail) => {
          const one = {
            ...{ end, stopped: false },
            report: (percent: number, cancellable: boolean) =>
              report({ state: 'preparing', percent, cancellable }),
          };
          signal.addEventListener('abort', () => {
            one.stopped = true;
            fail(new CancelledError('The swap'));
          });
          swaps.push(one);
        }),
    });
    closing.push(() => served.close());
    const watcher = await join(graph, 'watcher');
    const type = 'goshawk_msgs/action/SwapModel_FeedbackMessage';
    const feedback = listen(watcher, `${action}/_action/feedback`, type);
    const statusType = 'action_msgs/msg/GoalStatusArray';
    const statuses = listen(watcher, `${action}/_action/status`, statusType, qosProfiles.latched);
    await until(() => feedback.publishers === 1 && statuses.messages.length > 0);
    const client = graph.swapClient(action);
    const [first, second] = [1, 2].map((octet) => `${octet}`.padStart(2, '0').repeat(16)) as [string, string];
    const goal = { name: 'straße', version: '2' };
    expect(await client.send(first, goal)).toBe(true);
    await until(() => swaps.length === 1);
    expect(await client.send(second, goal)).toBe(false);
    swaps[0]?.report(12, false);
    await until(() => feedback.messages.length === 1);
    expect(readSwapFeedback(feedback.messages[0] ?? new Uint8Array())).toEqual({
      goalId: first,
      feedback: { state: 'preparing', percent: 12 },
    });
    expect(await client.cancel(first)).toEqual([]);
    expect(swaps[0]?.stopped).toBe(false);
    const waiting = client.result(first);
    swaps[0]?.end('sha256:2');
    expect(await waiting).toEqual({ status: 4, ok: true, digest: 'sha256:2', reason: '' });

    expect(await client.send(second, goal)).toBe(true);
    await until(() => swaps.length === 2);
    expect(await client.cancel(second)).toEqual([second]);
    expect(swaps[1]?.stopped).toBe(true);
    expect(await client.result(second)).toMatchObject({ status: 5, ok: false });
    await until(() => {
      const last = readGoalStatuses(statuses.messages.at(-1) ?? new Uint8Array());
      return last.map(({ goalId, status }) => `${goalId} ${status}`).join() === `${first} 4,${second} 5`;
    });
  });
}
