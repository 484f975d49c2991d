import type { JSX } from 'preact';
import { count } from '../ui/format.ts';
import { Loading, Problem, Switch } from '../ui/widgets.tsx';
import { Undecided, usePreview } from './gate-preview.tsx';
import type { StepProps } from './rollout-draft.ts';
import { type ModelName, withSoak } from './rollout-draft.ts';

const mostNamed = 200;

/** All of it once more: every wave with its devices by name, who is left out, and what the gate can see. */
export function ConfirmStep(props: StepProps & { model: ModelName | undefined }): JSX.Element | null {
  return props.model === undefined ? null : <Confirmed {...props} model={props.model} />;
}

function Confirmed({ draft, change, model }: StepProps & { model: ModelName }): JSX.Element {
  const { data, failure, loading, reload } = usePreview({ draft }, model);
  if (failure) return <Problem failure={failure} retry={reload} />;
  if (loading || data === undefined) return <Loading what="the waves" />;
  const total = data.waves.reduce((sum, { devices }) => sum + devices.length, 0);
  return (
    <>
      <p>
        <b>{draft.name}</b>: {data.model.name} {data.model.version} for {count(total, 'device')}.
      </p>
      <Undecided preview={data} onSoak={(minutes) => change(withSoak(draft, minutes))} />
      <ol class="wave-plan">
        {data.waves.map(({ name, devices, soakMinutes }) => (
          <li key={name}>
            <h3>
              {name}: {count(devices.length, 'device')}
              {soakMinutes > 0 && `, soaks ${soakMinutes} min`}
            </h3>
            <ul class="target-names">
              {devices.slice(0, mostNamed).map((id) => (
                <li key={id} class="tag tag-idle">
                  {id}
                </li>
              ))}
              {devices.length > mostNamed && <li class="sub">and {devices.length - mostNamed} more</li>}
            </ul>
          </li>
        ))}
      </ol>
      {data.leftOut.map(({ device, why }) => (
        <p key={device} class="tone-warning">
          {device} is left out: {why}
        </p>
      ))}
      {data.overlaps.map((name) => (
        <p key={name} class="tone-warning">
          The rollout {name} runs on devices of this one.
        </p>
      ))}
      <ul class="gate-words">
        {data.gate.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <Switch on={draft.draft} onChange={(on) => change({ draft: on })}>
        Save as a draft that you start later
      </Switch>
    </>
  );
}
