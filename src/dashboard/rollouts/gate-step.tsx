import type { JSX } from 'preact';
import { type GateMetricName, gateMetricTable } from '../../api/index.ts';
import { TextField } from '../ui/text-field.tsx';
import { GatePreview } from './gate-preview.tsx';
import type { ModelName, StepProps } from './rollout-draft.ts';

const metrics = Object.keys(gateMetricTable) as GateMetricName[];

/** What must not become worse, and what of it the gate will be able to see. */
export function GateStep({
  draft,
  change,
  model,
}: StepProps & { model: ModelName | undefined }): JSX.Element {
  const { gate } = draft;
  const toggle = (metric: GateMetricName): void => {
    const { [metric]: known, ...others } = gate;
    change({ gate: known === undefined ? { ...gate, [metric]: '' } : others });
  };
  return (
    <>
      <p>
        A wave passes only if none of these becomes worse. Without any, waves pass when their devices commit.
      </p>
      <fieldset aria-label="Metrics">
        <div class="chips">
          {metrics.map((metric) => (
            <button
              key={metric}
              type="button"
              class="chip"
              aria-pressed={gate[metric] !== undefined}
              title={gateMetricTable[metric].about}
              onClick={() => toggle(metric)}
            >
              {metric}
            </button>
          ))}
        </div>
      </fieldset>
      <div class="form-row">
        {metrics
          .filter((metric) => gate[metric] !== undefined)
          .map((metric) => (
            <TextField
              key={metric}
              label={`${metric}: smallest harm (${gateMetricTable[metric].unit})`}
              inputMode="decimal"
              value={gate[metric] ?? ''}
              hint={String(gateMetricTable[metric].harm)}
              onInput={(text) => change({ gate: { ...gate, [metric]: text } })}
            />
          ))}
      </div>
      {model && <GatePreview draft={draft} change={change} model={model} />}
    </>
  );
}
