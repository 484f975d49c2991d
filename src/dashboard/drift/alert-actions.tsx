import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import type { Alert } from '../api/types.ts';
import { useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { count } from '../ui/format.ts';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Choice } from '../ui/widgets.tsx';

/** What an operator does with alerts, one or all of a cause. */
export type AlertAction = 'acknowledge' | 'silence' | 'assign';

const times = [
  ['30', '30 minutes'],
  ['60', '1 hour'],
  ['240', '4 hours'],
  ['480', '8 hours'],
  ['1440', '1 day'],
  ['10080', '7 days'],
] as const;

interface DialogProps {
  readonly name: string;
  readonly alerts: readonly Alert[];
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Says which alerts are meant, and does it for each. */
export function AlertActionDialog(props: DialogProps & { action: AlertAction }): JSX.Element {
  if (props.action === 'silence') return <SilenceDialog {...props} />;
  if (props.action === 'assign') return <AssignDialog {...props} />;
  return (
    <ActionDialog
      title={`Acknowledge ${props.name}`}
      word="Acknowledge"
      onClose={props.onClose}
      onDone={() => forEach(props, (id) => call('POST /alerts/:id/acknowledge', { params: { id } }))}
    >
      <div class="form">
        <p>{count(props.alerts.length, 'alert')}: no more reminders are sent. The alerts stay active.</p>
        <Subjects alerts={props.alerts} />
      </div>
    </ActionDialog>
  );
}

function SilenceDialog(props: DialogProps): JSX.Element {
  const [minutes, setMinutes] = useState('60');
  const silence = (reason: string) => {
    const body = { minutes: Number(minutes), ...(reason === '' ? {} : { reason }) };
    return forEach(props, (id) => call('POST /alerts/:id/silence', { params: { id }, body }));
  };
  return (
    <ReasonDialog
      title={`Silence ${props.name}`}
      text={`${count(props.alerts.length, 'alert')}: no messages are sent for this time, also when an alert ends and fires again. Other rules and devices still notify.`}
      word="Silence"
      place="beside it"
      onClose={props.onClose}
      onDone={silence}
    >
      <Choice label="For" value={minutes} options={times} onChange={setMinutes} />
      <Subjects alerts={props.alerts} />
    </ReasonDialog>
  );
}

function AssignDialog(props: DialogProps): JSX.Element {
  const { me } = useSession();
  const [to, setTo] = useState(me.name);
  return (
    <ActionDialog
      title={`Assign ${props.name}`}
      word="Assign"
      ready={to.trim() !== ''}
      onClose={props.onClose}
      onDone={() =>
        forEach(props, (id) => call('POST /alerts/:id/assign', { params: { id }, body: { to: to.trim() } }))
      }
    >
      <div class="form">
        <TextField label="Person or team" value={to} maxLength={128} onInput={setTo} />
        <Subjects alerts={props.alerts} />
      </div>
    </ActionDialog>
  );
}

const mostShown = 12;

function Subjects({ alerts }: { alerts: readonly Alert[] }): JSX.Element {
  return (
    <ul class="target-names">
      {alerts.slice(0, mostShown).map(({ id, subject }) => (
        <li key={id} class="tag tag-idle">
          {subject}
        </li>
      ))}
      {alerts.length > mostShown && <li class="sub">and {alerts.length - mostShown} more</li>}
    </ul>
  );
}

/** One after the other: those that went before stay done where one is refused. */
async function forEach(
  { alerts, onChanged }: DialogProps,
  act: (id: string) => Promise<unknown>,
): Promise<void> {
  try {
    for (const { id } of alerts) await act(id);
    notify('ok', `Done for ${count(alerts.length, 'alert')}.`);
  } finally {
    onChanged();
  }
}
