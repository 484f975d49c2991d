import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSending } from '../api/use-sending.ts';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatRoute, go, route } from '../state/route.ts';
import { Icon } from '../ui/icons.tsx';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { ConfirmStep } from './confirm-step.tsx';
import { GateStep } from './gate-step.tsx';
import { ModelStep } from './model-step.tsx';
import {
  emptyDraft,
  type ModelName,
  problemIn,
  type RolloutDraft,
  requestOf,
  type Step,
  type StepProps,
  withModel,
} from './rollout-draft.ts';
import { TargetStep } from './target-step.tsx';
import { WavesStep } from './waves-step.tsx';

const steps: readonly (readonly [Step, string])[] = [
  ['model', 'Model'],
  ['target', 'Target'],
  ['waves', 'Waves'],
  ['gate', 'Gate'],
  ['confirm', 'Confirm'],
];

/** A rollout in five steps: model, target by name, waves, gate with what it can see, and all of it once more. */
export function NewRolloutPage(): JSX.Element {
  const { me } = useSession();
  const { query } = useValue(route);
  const group = query.get('group');
  const models = useAnswer(request('GET /models'));
  const [draft, setDraft] = useState<RolloutDraft>({
    ...emptyDraft,
    groups: group === undefined ? [] : [group],
  });
  if (!mayActAs(me, 'operator')) return <Empty icon="rollout" title="Only operators can make a rollout" />;
  return (
    <>
      <a class="back" href={formatRoute(['rollouts'])}>
        <Icon name="back" />
        Rollouts
      </a>
      <header class="page-head">
        <h1>New rollout</h1>
      </header>
      {models.failure && <Problem failure={models.failure} retry={models.reload} />}
      {models.loading && <Loading what="models" />}
      {models.data && (
        <Wizard
          models={models.data.models.filter(({ complete }) => complete)}
          draft={draft}
          change={(part) => setDraft((before) => ({ ...before, ...part }))}
        />
      )}
    </>
  );
}

type Models = Parameters<typeof ModelStep>[0]['models'];

function Wizard({ models, draft, change }: StepProps & { models: Models }): JSX.Element {
  const [at, setAt] = useState(0);
  const [shown, setShown] = useState(false);
  const { busy, failure, send } = useSending();
  const [step, title] = steps[at] ?? steps[0]!;
  const problem = problemIn(step, draft);
  const model = models.find(({ digest }) => digest === draft.digest);
  const heading = useFocusOn(at);
  const asked = useValue(route).query.get('model');
  useEffect(() => {
    const known = models.find(({ digest }) => digest === asked);
    if (known !== undefined) change(withModel(draft, known));
  }, []);
  const isLast = at === steps.length - 1;

  const next = (): void => {
    setShown(problem !== undefined);
    if (problem !== undefined) return;
    if (!isLast) setAt(at + 1);
    else if (model !== undefined) start(model);
  };
  const start = (chosen: ModelName): Promise<void> =>
    send(async () => {
      const made = await call('POST /rollouts', { body: requestOf(draft, chosen) });
      notify('ok', `The rollout ${made.name} is ${made.state}.`);
      go(['rollouts', made.id]);
    });

  return (
    <form
      class="wizard"
      onSubmit={(event) => {
        event.preventDefault();
        next();
      }}
    >
      <ol class="wizard-steps" aria-label="Steps">
        {steps.map(([key, name], index) => (
          <li key={key} class={index < at ? 'done' : ''} aria-current={index === at ? 'step' : undefined}>
            {index < at && <Icon name="check" />}
            {name}
          </li>
        ))}
      </ol>
      <Panel title={title} class="wizard-panel">
        <p class="off-screen" ref={heading} tabIndex={-1}>
          Step {at + 1} of {steps.length}: {title}
        </p>
        <div class="form">
          {step === 'model' && <ModelStep draft={draft} change={change} models={models} />}
          {step === 'target' && <TargetStep draft={draft} change={change} />}
          {step === 'waves' && <WavesStep draft={draft} change={change} />}
          {step === 'gate' && <GateStep draft={draft} change={change} model={model} />}
          {step === 'confirm' && <ConfirmStep draft={draft} change={change} model={model} />}
          {shown && problem !== undefined && (
            <p class="tone-error" role="alert">
              {problem}
            </p>
          )}
          {failure && <Problem failure={failure} />}
        </div>
        <footer class="wizard-actions">
          {at > 0 && (
            <button type="button" class="button" onClick={() => setAt(at - 1)}>
              Back
            </button>
          )}
          <button type="submit" class="button button-main" disabled={busy}>
            {busy ? 'Sending…' : !isLast ? 'Next' : draft.draft ? 'Save the draft' : 'Start the rollout'}
          </button>
        </footer>
      </Panel>
    </form>
  );
}

/** Who uses the keyboard, or hears the page, begins each step at its top. */
function useFocusOn(step: number) {
  const heading = useRef<HTMLParagraphElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [step]);
  return heading;
}
