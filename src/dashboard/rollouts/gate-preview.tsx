import type { JSX } from 'preact';
import type { RolloutPreview } from '../../api/index.ts';
import { request } from '../api/client.ts';
import { type Answer, useAnswer } from '../api/use-answer.ts';
import { Icon } from '../ui/icons.tsx';
import { Loading, Problem } from '../ui/widgets.tsx';
import type { StepProps } from './rollout-draft.ts';
import { type ModelName, problemIn, requestOf, withSoak } from './rollout-draft.ts';

/** What the controller would do with the draft. */
export function usePreview({ draft }: Pick<StepProps, 'draft'>, model: ModelName): Answer<RolloutPreview> {
  return useAnswer(request('POST /rollouts/preview', { body: requestOf(draft, model) }));
}

/** What the gate will be able to find, and the shortest soak with which it can decide. */
export function GatePreview(props: StepProps & { model: ModelName }): JSX.Element | null {
  if (problemIn('gate', props.draft) !== undefined) return null;
  return <Words {...props} />;
}

function Words({ draft, change, model }: StepProps & { model: ModelName }): JSX.Element {
  const { data, failure, loading, reload } = usePreview({ draft }, model);
  return (
    <section aria-label="Preview of the gate" class="consequences">
      <h3>The gate can see</h3>
      {failure && <Problem failure={failure} retry={reload} />}
      {loading && <Loading what="the preview of the gate" />}
      {data && <Undecided preview={data} onSoak={(minutes) => change(withSoak(draft, minutes))} />}
      <ul class="gate-words">
        {data?.gate.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
    </section>
  );
}

export function Undecided({
  preview,
  onSoak,
}: {
  preview: RolloutPreview;
  onSoak: (minutes: number) => void;
}): JSX.Element | null {
  const { undecided, shortestSoakMinutes } = preview;
  if (undecided.length === 0) return null;
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div>
        <p class="problem-message">The gate cannot decide: a wave would end in a pause.</p>
        <p class="problem-remedy">
          {shortestSoakMinutes === undefined
            ? 'A longer soak is not enough: the list below says what is missing.'
            : `The shortest soak that can: ${shortestSoakMinutes} min.`}
        </p>
      </div>
      {shortestSoakMinutes !== undefined && (
        <button type="button" class="button" onClick={() => onSoak(shortestSoakMinutes)}>
          Soak for {shortestSoakMinutes} min
        </button>
      )}
    </div>
  );
}
