import type { JSX } from 'preact';
import { Choice } from '../ui/widgets.tsx';
import type { StepProps, WaveDraft } from './rollout-draft.ts';

/** How many devices come at once, and how long each wave is watched before the next. */
export function WavesStep({ draft, change }: StepProps): JSX.Element {
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
  return (
    <label class="field">
      <span>{props.name}</span>
      <input
        type="text"
        inputMode="numeric"
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}
