import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { alertAddressExamples, alertChannels, channelOf, problemKinds } from '../../api/index.ts';
import { call } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { AlertCondition, AlertRule, SavedAlertRule, Severity } from '../api/types.ts';
import { notify } from '../state/notice.ts';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Choice, Copyable, Problem, Switch } from '../ui/widgets.tsx';
import { draftOf, emptyFields, fieldsOf, type RuleFields, verdictKinds } from './rule-draft.ts';

/** Makes a rule or changes one. */
export function AlertRuleDialog({ rule, onClose }: { rule?: AlertRule; onClose: () => void }): JSX.Element {
  const [fields, setFields] = useState<RuleFields>(rule === undefined ? emptyFields : fieldsOf(rule));
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const [saved, setSaved] = useState<SavedAlertRule | undefined>(undefined);
  const change = (part: Partial<RuleFields>): void => setFields((last) => ({ ...last, ...part }));
  const read = draftOf(fields, rule);
  const channel = channelOf(fields.to.trim());
  const secret = channel === undefined ? 'none' : alertChannels[channel].secret;

  const save = async (): Promise<void> => {
    if (!('draft' in read)) return;
    setFailure(undefined);
    try {
      const body = read.draft;
      const answer = await (rule === undefined
        ? call('POST /alert-rules', { body })
        : call('PUT /alert-rules/:id', { params: { id: rule.id }, body }));
      if (answer.notifySecret !== undefined) {
        setSaved(answer);
        return;
      }
      notify('ok', `Rule ${answer.name} saved.`);
      onClose();
    } catch (error) {
      setFailure(asFailure(error));
    }
  };

  if (saved?.notifySecret !== undefined) return <KeyDialog rule={saved} onClose={onClose} />;
  return (
    <Dialog
      title={rule === undefined ? 'New alert rule' : `Change ${rule.name}`}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" class="button button-main" disabled={!('draft' in read)} onClick={save}>
            {rule === undefined ? 'Create rule' : 'Save'}
          </button>
        </>
      }
    >
      <div class="form">
        <TextField
          label="Name"
          value={fields.name}
          hint="camera blind"
          onInput={(name) => change({ name })}
        />
        <div class="form-row">
          <Choice
            label="When"
            value={fields.kind}
            options={[
              ['drift', 'A camera drifts or is blind'],
              ['health', 'A device is unhealthy'],
              ['wrong-answer', 'A known answer is wrong'],
              ['offline', 'A device is offline'],
              ['event', 'An event occurs'],
              ['metric', 'A metric crosses a limit'],
            ]}
            onChange={(kind) => change({ kind: kind as AlertCondition['kind'] })}
          />
          <Choice
            label="Severity"
            value={fields.severity}
            options={[
              ['info', 'Info'],
              ['warning', 'Warning'],
              ['error', 'Error'],
              ['critical', 'Critical'],
            ]}
            onChange={(severity) => change({ severity: severity as Severity })}
          />
        </div>
        {fields.kind === 'drift' && <DriftFields fields={fields} change={change} />}
        {fields.kind === 'health' && <HealthFields fields={fields} change={change} />}
        {fields.kind === 'event' && <EventFields fields={fields} change={change} />}
        {fields.kind === 'metric' && <MetricFields fields={fields} change={change} />}
        <div class="form-row">
          <TextField
            label="Active for at least (seconds)"
            value={fields.forSeconds}
            onInput={(forSeconds) => change({ forSeconds })}
          />
          <TextField
            label="Remind after (minutes)"
            value={fields.renotifyMinutes}
            note="0: once"
            onInput={(renotifyMinutes) => change({ renotifyMinutes })}
          />
        </div>
        <div class="form-row">
          <TextField
            label="Only these groups"
            value={fields.groups}
            hint="the whole fleet"
            onInput={(groups) => change({ groups })}
          />
          <TextField
            label="Only these devices"
            value={fields.devices}
            hint="the whole fleet"
            onInput={(devices) => change({ devices })}
          />
        </div>
        {fields.kind !== 'offline' && <ClipFields fields={fields} change={change} />}
        <TextField
          label="Notify"
          value={fields.to}
          hint="https://host/path"
          note="Empty: show the alert here and send no message"
          onInput={(to) => change({ to })}
        />
        <p class="sub break">{alertAddressExamples}</p>
        {secret !== 'none' && (
          <TextField
            secret
            label={secret === 'signature' ? 'Signing key' : 'Integration key'}
            value={fields.secret}
            note={
              rule?.notify !== undefined
                ? 'Empty: keep the current key'
                : secret === 'signature'
                  ? 'Empty: the controller creates one and shows it once'
                  : 'PagerDuty shows it in the service, under Integrations: Events API V2'
            }
            onInput={(secret) => change({ secret })}
          />
        )}
        <Switch on={fields.enabled} onChange={(enabled) => change({ enabled })}>
          <span>Enabled</span>
        </Switch>
        {'missing' in read && <p class="sub">{read.missing}</p>}
        {failure && <Problem failure={failure} />}
      </div>
    </Dialog>
  );
}

interface Part {
  readonly fields: RuleFields;
  readonly change: (part: Partial<RuleFields>) => void;
}

function DriftFields({ fields, change }: Part): JSX.Element {
  return (
    <>
      <fieldset class="field">
        <legend class="field-legend">Verdicts</legend>
        <span class="chips">
          <Chips all={verdictKinds} chosen={fields.verdicts} onChange={(verdicts) => change({ verdicts })} />
        </span>
        {fields.verdicts.length === 0 && <span class="sub">None selected: any</span>}
      </fieldset>
      <Switch on={fields.notices} onChange={(notices) => change({ notices })}>
        <span>
          Include notices <span class="sub">a change without expected harm</span>
        </span>
      </Switch>
      <Switch on={fields.unbelieved} onChange={(unbelieved) => change({ unbelieved })}>
        <span>
          Include alarms that may be chance <span class="sub">more noise in a large fleet</span>
        </span>
      </Switch>
    </>
  );
}

/** Some of several names. */
function Chips<T extends string>(props: {
  readonly all: readonly (readonly [T, string])[];
  readonly chosen: readonly T[];
  readonly onChange: (chosen: readonly T[]) => void;
}): JSX.Element {
  return (
    <>
      {props.all.map(([kind, words]) => {
        const chosen = props.chosen.includes(kind);
        const next = chosen ? props.chosen.filter((other) => other !== kind) : [...props.chosen, kind];
        return (
          <button
            key={kind}
            type="button"
            class="chip"
            aria-pressed={chosen}
            onClick={() => props.onChange(next)}
          >
            {words}
          </button>
        );
      })}
    </>
  );
}

function HealthFields({ fields, change }: Part): JSX.Element {
  return (
    <fieldset class="field">
      <legend class="field-legend">Problems</legend>
      <span class="chips">
        <Chips all={problemKinds} chosen={fields.problems} onChange={(problems) => change({ problems })} />
      </span>
      {fields.problems.length === 0 && <span class="sub">None selected: any</span>}
    </fieldset>
  );
}

function EventFields({ fields, change }: Part): JSX.Element {
  return (
    <div class="form-row">
      <TextField
        label="Kind of event"
        value={fields.event}
        hint="device.offline"
        onInput={(event) => change({ event })}
      />
      <Choice
        label="Event severity"
        value={fields.eventSeverity}
        options={[
          ['info', 'any'],
          ['warning', 'Warning and above'],
          ['error', 'Error and above'],
          ['critical', 'Critical'],
        ]}
        onChange={(severity) => change({ eventSeverity: severity as Severity })}
      />
    </div>
  );
}

function MetricFields({ fields, change }: Part): JSX.Element {
  return (
    <>
      <TextField
        label="Metric"
        value={fields.metric}
        hint="goshawk_frames_per_second"
        onInput={(metric) => change({ metric })}
      />
      <div class="form-row">
        <Choice
          label="Its"
          value={fields.statistic}
          options={[
            ['value', 'value (or median)'],
            ['p50', 'p50'],
            ['p95', 'p95'],
            ['p99', 'p99'],
            ['second', 'growth in a second'],
            ['minute', 'growth in a minute'],
            ['hour', 'growth in an hour'],
          ]}
          onChange={(statistic) => change({ statistic: statistic as RuleFields['statistic'] })}
        />
        <Choice
          label="is"
          value={fields.side}
          options={[
            ['above', 'above'],
            ['below', 'below'],
          ]}
          onChange={(side) => change({ side: side as RuleFields['side'] })}
        />
        <TextField label="Number" value={fields.bound} onInput={(bound) => change({ bound })} />
      </div>
    </>
  );
}

function ClipFields({ fields, change }: Part): JSX.Element {
  return (
    <>
      <Switch on={fields.clip} onChange={(clip) => change({ clip })}>
        <span>
          Record a clip <span class="sub">of the camera, where its device keeps clips</span>
        </span>
      </Switch>
      {fields.clip && (
        <div class="form-row">
          <TextField
            label="Seconds before"
            value={fields.clipBefore}
            hint="as set on the device"
            onInput={(clipBefore) => change({ clipBefore })}
          />
          <TextField
            label="Seconds after"
            value={fields.clipAfter}
            hint="as set on the device"
            onInput={(clipAfter) => change({ clipAfter })}
          />
        </div>
      )}
    </>
  );
}

function KeyDialog({ rule, onClose }: { rule: SavedAlertRule; onClose: () => void }): JSX.Element {
  return (
    <Dialog
      title="Signing key"
      onClose={onClose}
      actions={
        <button type="button" class="button button-main" onClick={onClose}>
          Done
        </button>
      }
    >
      <p>
        Copy it to the receiver now. You cannot see it again. The receiver uses it to verify messages from
        this controller.
      </p>
      <p class="secret">
        <Copyable text={rule.notifySecret ?? ''} label="the key">
          {rule.notifySecret}
        </Copyable>
      </p>
    </Dialog>
  );
}
