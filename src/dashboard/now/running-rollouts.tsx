import type { JSX } from 'preact';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { stateTones } from '../rollouts/words.ts';
import { formatRoute } from '../state/route.ts';
import { Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';

/** Rollouts that are not over, with what each does next. */
export function RunningRollouts(): JSX.Element {
  const answer = useAnswer(request('GET /rollouts', { query: { active: true, limit: 20 } }), 5000);
  const rollouts = answer.data?.rollouts ?? [];
  const { freeze } = answer.data ?? {};
  return (
    <Panel title="Rollouts" icon="rollout" aside={<a href={formatRoute(['rollouts'])}>All rollouts</a>}>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="rollouts" />}
      {freeze && <p class="tone-error">All rollouts are stopped: {freeze.reason}</p>}
      {answer.data && rollouts.length === 0 && <Empty icon="check" title="No rollout is running" />}
      <ul class="now-list">
        {rollouts.map(({ id, name, model, state, wave, waves, counts, next }) => {
          const [tone, word] = stateTones[state];
          const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
          return (
            <li key={id}>
              <p class="event-head">
                <a class="event-kind" href={formatRoute(['rollouts', id])}>
                  {name}
                </a>
                <Tag tone={tone}>{word}</Tag>
              </p>
              <p class="sub">
                {model.name} {model.version}, wave {Math.min(wave + 1, waves.length)} of {waves.length},{' '}
                {counts.committed ?? 0} of {total} run it
              </p>
              <p class="event-message">{next}</p>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
