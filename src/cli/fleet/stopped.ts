import type { RolloutList } from '../../api/index.ts';

/** What is so after everything was stopped: what takes a version back is not held up. */
export function stoppedLines({ rollouts }: Pick<RolloutList, 'rollouts'>): readonly string[] {
  const back = rollouts.filter(({ state }) => state === 'aborting' || state === 'rolling-back');
  const names = back.map(({ name }) => name).join(', ');
  return [
    'All rollouts are stopped: no device gets a new version by one.',
    ...(back.length === 0 ? [] : [`Rolling back continues: ${names}.`]),
  ];
}
