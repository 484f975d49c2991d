import type { JSX } from 'preact';
import type { ModelInfo } from '../api/types.ts';
import { formatBytes } from '../ui/format.ts';
import { TextField } from '../ui/text-field.tsx';
import { Empty } from '../ui/widgets.tsx';
import { type StepProps, withModel } from './rollout-draft.ts';

/** What is rolled out, and what the rollout is called. */
export function ModelStep({
  draft,
  change,
  models,
}: StepProps & { models: readonly ModelInfo[] }): JSX.Element {
  if (models.length === 0)
    return (
      <Empty icon="models" title="The controller has no models yet">
        Upload one: <code>goshawk model push bundle/</code>
      </Empty>
    );
  return (
    <>
      <fieldset class="options">
        <legend class="field-legend">Model</legend>
        {models.map((model) => (
          <label key={model.digest} class={`option${model.digest === draft.digest ? ' option-checked' : ''}`}>
            <input
              type="radio"
              name="model"
              checked={model.digest === draft.digest}
              onChange={() => change(withModel(draft, model))}
            />
            <span class="option-name">
              {model.name} <b>{model.version}</b>
            </span>
            <span class="sub">
              {formatBytes(model.sizeBytes)}, {model.variants.map(({ kind }) => kind).join(', ')}
            </span>
          </label>
        ))}
      </fieldset>
      <TextField
        label="Name of the rollout"
        value={draft.name}
        maxLength={64}
        onInput={(name) => change({ name })}
      />
    </>
  );
}
