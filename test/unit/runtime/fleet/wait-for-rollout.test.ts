import { expect, it } from 'vitest';
import { MissingError } from '../../../../src/base/index.ts';
import { waitForRollout } from '../../../../src/runtime/fleet/wait-for-rollout.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeFleetApi } from '../../../fakes/fake-fleet-api.ts';

async function waitedFor(states: readonly string[], timeoutMs = 60_000) {
  const api = new FakeFleetApi();
  let asked = 0;
  api.answers.set('/rollouts/r', () => ({ state: states[Math.min(asked++, states.length - 1)], wave: 0 }));
  const clock = new FakeClock();
  const changes: string[] = [];
  const signal = new AbortController().signal;
  const waiting = waitForRollout(api, 'r', {
    ...{ clock, timeoutMs, signal },
    onChange: ({ state }) => changes.push(state),
  });
  await clock.pass(120_000);
  return { state: (await waiting).state, changes };
}

it.each([
  'finished',
  'aborted',
  'rolled-back',
  'superseded',
  'paused',
  'waiting-for-approval',
  'comparing',
  'draft',
])('a rollout that is %s is waited for no longer, and each change was told once', async (last) => {
  expect(await waitedFor(['running', 'running', 'soaking', last])).toEqual({
    state: last,
    changes: ['running', 'soaking', last],
  });
});

it('a rollout that takes back is waited for until it has', async () => {
  expect((await waitedFor(['rolling-back', 'rolling-back', 'rolled-back'])).state).toBe('rolled-back');
});

it('waiting ends when time is up', async () => {
  expect((await waitedFor(['soaking'], 5_000)).state).toBe('soaking');
});

it('is waited for over a restart of the controller', async () => {
  const api = new FakeFleetApi();
  let asked = 0;
  api.answers.set('/rollouts/r', () => {
    if (asked++ === 1) throw new MissingError('controller-unreachable', 'No controller answers.', '');
    return { state: asked < 4 ? 'soaking' : 'finished', wave: 0 };
  });
  const clock = new FakeClock();
  const signal = new AbortController().signal;
  const waiting = waitForRollout(api, 'r', { clock, timeoutMs: 60_000, signal, onChange: () => {} });
  await clock.pass(30_000);
  expect((await waiting).state).toBe('finished');
});
