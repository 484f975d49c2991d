import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mainSlot, type Selector } from '../../api/index.ts';
import { request } from '../api/client.ts';
import type { LoadedModel, ModelChoice, ModelInfo } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { TargetList, useTarget } from '../targets/target-list.tsx';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { count, formatBytes, formatShare, shortDigest } from '../ui/format.ts';
import { Empty, Loading, Problem, Tag } from '../ui/widgets.tsx';

/** Chooses a model for a device or a group, says what will happen, and sets it. */
export function ModelDialog(props: {
  /** `device cam-7` or `group gate`. */
  name: string;
  /** The same, for the controller to resolve. */
  target: Selector;
  online: boolean;
  current: LoadedModel | undefined;
  onChoose: (model: ModelChoice) => Promise<void>;
  onClose: () => void;
}): JSX.Element {
  const answer = useAnswer(request('GET /models'));
  const target = useTarget(props.target, mainSlot);
  const [digest, setDigest] = useState<string | undefined>(undefined);
  const models = answer.data?.models ?? [];
  const chosen = models.find((model) => model.digest === digest);

  const confirm = async (): Promise<void> => {
    if (chosen === undefined) return;
    const { name, version, digest } = chosen;
    await props.onChoose({ name, version, digest });
  };

  return (
    <ActionDialog
      title={`Change the model of ${props.name}`}
      word={chosen ? `Deploy ${chosen.name} ${chosen.version}` : 'Choose a model'}
      ready={chosen !== undefined && target.data !== undefined}
      onClose={props.onClose}
      onDone={confirm}
    >
      <TargetList target={props.target} answer={target} />
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="models" />}
      {answer.data && models.length === 0 && (
        <Empty icon="models" title="The controller has no models yet">
          Upload one: <code>goshawk model push bundle/</code>
        </Empty>
      )}
      {models.length > 0 && (
        <fieldset class="options">
          <legend class="off-screen">Model</legend>
          {models.map((model) => (
            <ModelOption
              key={model.digest}
              model={model}
              current={model.digest === props.current?.digest}
              checked={model.digest === digest}
              onChoose={() => setDigest(model.digest)}
            />
          ))}
        </fieldset>
      )}
      {chosen && <Consequences model={chosen} current={props.current} online={props.online} />}
    </ActionDialog>
  );
}

function ModelOption(props: { model: ModelInfo; current: boolean; checked: boolean; onChoose: () => void }) {
  const { model } = props;
  const best = Math.max(
    ...model.variants.map((variant) => variant.map ?? Number.NaN).filter(Number.isFinite),
  );
  return (
    <label class={`option${props.checked ? ' option-checked' : ''}${model.complete ? '' : ' option-off'}`}>
      <input
        type="radio"
        name="model"
        checked={props.checked}
        disabled={!model.complete}
        onChange={props.onChoose}
      />
      <span class="option-name">
        {model.name} <b>{model.version}</b> {props.current && <Tag tone="ok">In service</Tag>}
      </span>
      <span class="sub">
        {model.complete
          ? [
              Number.isFinite(best) ? `mAP ${formatShare(best)}` : 'accuracy not measured',
              formatBytes(model.sizeBytes),
              model.variants.map((variant) => variant.kind).join(', '),
            ].join(' · ')
          : `Upload incomplete:  ${count(model.missing.length, 'file')} missing`}
      </span>
    </label>
  );
}

function Consequences(props: {
  model: ModelInfo;
  current: LoadedModel | undefined;
  online: boolean;
}): JSX.Element {
  const { model, current } = props;
  return (
    <div class="consequences">
      <h3>Next steps</h3>
      <ol>
        <li>
          {props.online
            ? `The device downloads up to ${formatBytes(model.sizeBytes)} and verifies every digest.`
            : 'The order waits at the broker until the device reconnects.'}
        </li>
        <li>
          {current
            ? `${current.name} ${current.version} keeps serving while the new engine is prepared and checked.`
            : 'The new engine is prepared and checked.'}
        </li>
        <li>The models switch between two frames. Then the new model is on probation.</li>
        <li>If a check or the probation fails, the device rolls back automatically.</li>
      </ol>
      <p class="sub">
        Digest <code>{shortDigest(model.digest)}</code>. The order is written to the audit log.
      </p>
    </div>
  );
}
