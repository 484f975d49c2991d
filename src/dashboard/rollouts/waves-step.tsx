import type { JSX } from 'preact';
import { TextField } from '../ui/text-field.tsx';
import { Choice, Segments } from '../ui/widgets.tsx';
import { type ExperimentDraft, emptyExperiment, type StepProps, type WaveDraft } from './rollout-draft.ts';

/** In waves, or as an experiment. */
export function WavesStep(props: StepProps): JSX.Element {
  const { draft, change } = props;
  return (
    <>
      <Segments
        label="How"
        options={ways}
        chosen={draft.experiment === undefined ? 'waves' : 'experiment'}
        choose={(way) =>
          change(
            way === 'waves'
              ? { experiment: undefined, lastSoakMinutes: '0' }
              : { experiment: draft.experiment ?? emptyExperiment, lastSoakMinutes: '60' },
          )
        }
      />
      {draft.experiment === undefined ? (
        <Waves {...props} />
      ) : (
        <ExperimentFields {...props} experiment={draft.experiment} />
      )}
    </>
  );
}

const ways = [
  ['waves', 'In waves'],
  ['experiment', 'As an experiment'],
] as const;

function ExperimentFields(props: StepProps & { experiment: ExperimentDraft }): JSX.Element {
  const { draft, change, experiment } = props;
  const edit = (part: Partial<ExperimentDraft>): void => change({ experiment: { ...experiment, ...part } });
  const units = experiment.by === 'camera' ? 'cameras' : 'devices';
  return (
    <>
      <p>
        B is the model of this rollout, A is what the devices run now. B serves its part until you promote it
        to every device, or roll it back. The gate compares B with A and tells you what it found.
      </p>
      <div class="form-row">
        <Choice
          label="Divide"
          value={experiment.by}
          options={[
            ['camera', 'the cameras of each device'],
            ['device', 'the devices'],
          ]}
          onChange={(by) => edit({ by: by as ExperimentDraft['by'], who: 'percent' })}
        />
        {experiment.by === 'device' && (
          <Choice
            label="Choose B by"
            value={experiment.who}
            options={[
              ['percent', 'a share of the devices'],
              ['labels', 'labels of the devices'],
            ]}
            onChange={(who) => edit({ who: who as ExperimentDraft['who'] })}
          />
        )}
      </div>
      <div class="form-row">
        {experiment.who === 'percent' ? (
          <NumberField
            name={`B, percent of the ${units}`}
            value={experiment.percent}
            onInput={(percent) => edit({ percent })}
          />
        ) : (
          <TextField
            label="Labels of B, as key=value"
            value={experiment.labels}
            hint="ring=canary"
            onInput={(labels) => edit({ labels })}
          />
        )}
        <NumberField
          name="Soak, minutes"
          value={draft.lastSoakMinutes}
          onInput={(lastSoakMinutes) => change({ lastSoakMinutes })}
        />
      </div>
    </>
  );
}

/** How many devices come at once, and how long each wave is watched before the next. */
function Waves({ draft, change }: StepProps): JSX.Element {
  const edit = (at: number, part: Partial<WaveDraft>): void =>
    change({ waves: draft.waves.map((wave, index) => (index === at ? { ...wave, ...part } : wave)) });
  return (
    <>
      {draft.waves.map((wave, at) => (
        <fieldset key={at} class="wave-draft">
          <legend class="field-legend">Wave {at + 1}</legend>
          <Choice
            label="Size in"
            value={wave.kind}
            options={[
              ['count', 'devices'],
              ['percent', '% of the target'],
            ]}
            onChange={(kind) => edit(at, { kind: kind as WaveDraft['kind'] })}
          />
          <NumberField
            name={wave.kind === 'percent' ? 'Percent, with the waves before' : 'Devices'}
            value={wave.size}
            onInput={(size) => edit(at, { size })}
          />
          <NumberField
            name="Soak, minutes"
            value={wave.soakMinutes}
            onInput={(soakMinutes) => edit(at, { soakMinutes })}
          />
          <button
            type="button"
            class="button"
            aria-label={`Remove wave ${at + 1}`}
            onClick={() => change({ waves: draft.waves.filter((_, index) => index !== at) })}
          >
            Remove
          </button>
        </fieldset>
      ))}
      <fieldset class="wave-draft">
        <legend class="field-legend">Last wave: all other devices</legend>
        <NumberField
          name="Soak, minutes (0: none)"
          value={draft.lastSoakMinutes}
          onInput={(lastSoakMinutes) => change({ lastSoakMinutes })}
        />
      </fieldset>
      <p>
        <button
          type="button"
          class="button"
          disabled={draft.waves.length >= 10}
          onClick={() => change({ waves: [...draft.waves, { kind: 'count', size: '', soakMinutes: '60' }] })}
        >
          Add a wave
        </button>
      </p>
    </>
  );
}

function NumberField(props: { name: string; value: string; onInput: (value: string) => void }): JSX.Element {
  return <TextField label={props.name} inputMode="numeric" value={props.value} onInput={props.onInput} />;
}
