import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { mainSlot } from '../../api/index.ts';
import { call, request } from '../api/client.ts';
import type { DeviceDetail } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSending } from '../api/use-sending.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { isBehind } from '../ui/is-behind.ts';
import { Empty, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { changedFields, type Draft, settingsInForce, withoutWanted, withPipeline } from './settings.ts';

/** Threshold, classes and on/off of each camera's pipeline; readable for all, changeable for operators. */
export function SettingsPanel(props: {
  detail: DeviceDetail;
  reload: () => void;
  /** One camera and no choice. */
  only?: string;
}): JSX.Element {
  const { detail, reload, only } = props;
  const cameras = detail.summary.cameras;
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const camera = only ?? cameras.find((name) => name === chosen) ?? cameras[0];
  return (
    <Panel
      title="Pipeline"
      icon="settings"
      aside={
        <div class="tools">
          {isBehind(detail.summary) && <Tag tone="warning">Not applied yet</Tag>}
          {only === undefined && cameras.length > 1 && (
            <label class="choice">
              <span class="choice-label">Camera</span>
              <select value={camera} onChange={(event) => setChosen(event.currentTarget.value)}>
                {cameras.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
        </div>
      }
    >
      {camera === undefined ? (
        <Empty icon="camera" title="This device has not reported a camera yet" />
      ) : (
        <SettingsForm key={camera} detail={detail} camera={camera} reload={reload} />
      )}
    </Panel>
  );
}

function SettingsForm(props: { detail: DeviceDetail; camera: string; reload: () => void }): JSX.Element {
  const { detail, camera } = props;
  const { me } = useSession();
  const allowed = mayActAs(me, 'operator');
  const inForce = settingsInForce(detail, camera);
  const [draft, setDraft] = useState<Draft | undefined>(undefined);
  const { busy, failure, send } = useSending();
  const shown = draft ?? inForce;
  const changed = draft && changedFields(draft, inForce);
  const labels = useLabels(detail);
  const set = (part: Partial<Draft>): void => setDraft({ ...shown, ...part });

  // Once the device runs with what was asked, the form follows the device again.
  const settled = draft !== undefined && changed === undefined;
  useEffect(() => {
    if (settled) setDraft(undefined);
  }, [settled]);

  const apply = async (): Promise<void> => {
    if (changed === undefined) return;
    await send(async () => {
      const id = detail.summary.id;
      const latest = await call('GET /devices/:id', { params: { id } });
      const body = withPipeline(latest.settings, camera, changed);
      const before = withoutWanted(latest.settings, camera, changed);
      if (before !== undefined) await call('PUT /devices/:id/desired', { params: { id }, body: before });
      await call('PUT /devices/:id/desired', { params: { id }, body });
      notify('ok', `The settings of ${camera} were sent to ${id}.`);
      props.reload();
    });
  };

  return (
    <form
      class="settings"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <fieldset disabled={!allowed || busy} class="settings-fields">
        <legend class="off-screen">Settings of {camera}</legend>
        <label class="setting setting-switch">
          <span>
            Detection
            <span class="sub">{shown.enabled ? 'Frames are processed' : 'Frames are ignored'}</span>
          </span>
          <input
            type="checkbox"
            role="switch"
            class="switch"
            checked={shown.enabled}
            aria-checked={shown.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
        </label>
        <Slider
          name="Score threshold"
          note="Weaker detections are not reported"
          value={shown.scoreThreshold}
          onInput={(scoreThreshold) => set({ scoreThreshold })}
        />
        <Slider
          name="IoU threshold"
          note="Overlap above which two boxes are one object"
          value={shown.iouThreshold}
          onInput={(iouThreshold) => set({ iouThreshold })}
        />
        <label class="setting">
          <span>
            Detections per frame
            <span class="sub">The highest scores are kept</span>
          </span>
          <input
            type="number"
            min={1}
            max={10_000}
            value={shown.maxDetections}
            onChange={(event) => {
              const value = Math.round(event.currentTarget.valueAsNumber);
              if (value >= 1 && value <= 10_000) set({ maxDetections: value });
            }}
          />
        </label>
        <ClassChoice labels={labels} chosen={shown.classes} onChange={(classes) => set({ classes })} />
      </fieldset>
      {failure && <Problem failure={failure} />}
      {allowed && (
        <div class="settings-actions">
          <button type="submit" class="button button-main" disabled={changed === undefined || busy}>
            {busy ? 'Sending…' : 'Apply'}
          </button>
          <button
            type="button"
            class="button"
            disabled={draft === undefined || busy}
            onClick={() => setDraft(undefined)}
          >
            Reset
          </button>
        </div>
      )}
    </form>
  );
}

function Slider(props: { name: string; note: string; value: number; onInput: (value: number) => void }) {
  return (
    <label class="setting">
      <span>
        {props.name}
        <span class="sub">{props.note}</span>
      </span>
      <span class="slider">
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={props.value}
          onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
        />
        <output>{props.value.toFixed(2)}</output>
      </span>
    </label>
  );
}

/** No class chosen means all of them; that is what the button says. */
function ClassChoice(props: {
  labels: readonly string[];
  chosen: readonly string[];
  onChange: (classes: readonly string[]) => void;
}): JSX.Element {
  // A class that the model no longer has stays visible, or it could not be taken away.
  const names = [...new Set([...props.labels, ...props.chosen])];
  const toggle = (name: string): void =>
    props.onChange(
      props.chosen.includes(name) ? props.chosen.filter((one) => one !== name) : [...props.chosen, name],
    );
  return (
    <fieldset class="setting setting-wide" aria-label="Classes">
      <span>
        Classes
        <span class="sub">
          {names.length === 0
            ? 'The controller does not know the labels of the loaded model'
            : props.chosen.length === 0
              ? 'All are reported'
              : `${props.chosen.length} of ${names.length} are reported`}
        </span>
      </span>
      <div class="chips">
        {names.length > 0 && (
          <button
            type="button"
            class="chip"
            aria-pressed={props.chosen.length === 0}
            onClick={() => props.onChange([])}
          >
            All
          </button>
        )}
        {names.map((name) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={props.chosen.includes(name)}
            onClick={() => toggle(name)}
          >
            {name}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function useLabels(detail: DeviceDetail): readonly string[] {
  const answer = useAnswer(request('GET /models'));
  const digest = detail.summary.slots[mainSlot]?.loaded?.digest;
  return answer.data?.models.find((model) => model.digest === digest)?.labels ?? [];
}
