import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Group } from '../api/types.ts';
import { notify } from '../state/notice.ts';
import { TargetList, useTarget } from '../targets/target-list.tsx';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Choice } from '../ui/widgets.tsx';
import { fieldsOf, type PipelineFields, problemIn, withFields } from './group-settings.ts';

const numbers = [
  ['scoreThreshold', 'Least score, 0 to 1'],
  ['iouThreshold', 'Overlap of two boxes, 0 to 1'],
  ['maxDetections', 'Most detections in a frame'],
] as const;

/** Pipeline settings for every device of a group, now and later. */
export function GroupSettingsDialog({ group, onClose }: { group: Group; onClose: () => void }): JSX.Element {
  const target = { groups: [group.name] };
  const devices = useTarget(target);
  const [fields, setFields] = useState(() => fieldsOf(group.settings, '*'));
  const change = (part: Partial<PipelineFields>): void => setFields({ ...fields, ...part });
  const problem = problemIn(fields);
  const cameras = Object.keys(group.settings.pipelines ?? {}).filter((camera) => camera !== '*');
  return (
    <ActionDialog
      title={`Pipeline settings of group ${group.name}`}
      word="Send"
      ready={problem === undefined && devices.data !== undefined}
      onClose={onClose}
      onDone={async () => {
        const latest = await call('GET /groups');
        const settings = latest.groups.find(({ name }) => name === group.name)?.settings ?? {};
        const params = { group: group.name };
        await call('PUT /groups/:group/desired', { params, body: withFields(settings, fields) });
        notify('ok', `The settings were sent to group ${group.name}.`);
      }}
    >
      <TargetList target={target} answer={devices} />
      <div class="form">
        <p>Leave a field empty to set nothing. A device's own settings count more.</p>
        <div class="form-row">
          <label class="field">
            <span>
              Camera <span class="sub">*: every camera</span>
            </span>
            <input
              type="text"
              list="group-cameras"
              maxLength={128}
              value={fields.camera}
              onChange={(event) => setFields(fieldsOf(group.settings, event.currentTarget.value.trim()))}
            />
            <datalist id="group-cameras">
              {['*', ...cameras].map((camera) => (
                <option key={camera} value={camera} />
              ))}
            </datalist>
          </label>
          <Choice
            label="Processing"
            value={fields.enabled}
            options={[
              ['', 'not set'],
              ['on', 'on'],
              ['off', 'off'],
            ]}
            onChange={(enabled) => change({ enabled: enabled as PipelineFields['enabled'] })}
          />
        </div>
        <div class="form-row">
          {numbers.map(([field, words]) => (
            <TextField
              key={field}
              label={words}
              inputMode="decimal"
              value={fields[field]}
              hint="not set"
              onInput={(text) => change({ [field]: text })}
            />
          ))}
        </div>
        <TextField
          label="Classes, comma-separated"
          value={fields.classes}
          hint="not set"
          onInput={(classes) => change({ classes })}
        />
        {problem !== undefined && <p class="sub">{problem}</p>}
      </div>
    </ActionDialog>
  );
}
