import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call, request } from '../api/client.ts';
import type { BrokerNotice, DeviceDetail, DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { go } from '../state/route.ts';
import { useAsked } from '../state/use-asked.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { count, formatTime } from '../ui/format.ts';
import { ReasonDialog } from '../ui/reason-dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Loading, Problem } from '../ui/widgets.tsx';
import { RestartDialog } from './system-panel.tsx';

type Action = 'hold' | 'release' | 'revoke' | 'remove';

/** Actions on the whole device; none for viewers. */
export function DeviceActions(props: {
  summary: DeviceSummary;
  /** Undefined while it is not known. */
  detail: DeviceDetail | undefined;
  reload: () => void;
}): JSX.Element | null {
  const { summary, detail, reload } = props;
  const { me } = useSession();
  const [action, setAction] = useState<Action | undefined>(undefined);
  if (!mayActAs(me, 'operator')) return null;
  const { id } = summary;
  const [asked, done] = useAsked();
  const shown = action ?? (detail && asked === 'hold' && detail.hold === undefined ? 'hold' : undefined);
  const close = () => {
    setAction(undefined);
    done();
  };
  const button = (of: Action, word: string) => (
    <button type="button" class="button" onClick={() => setAction(of)}>
      {word}
    </button>
  );
  return (
    <div class="button-row">
      {detail && (detail.hold === undefined ? button('hold', 'Hold') : button('release', 'Release'))}
      {mayActAs(me, 'admin') && button('revoke', 'Revoke certificate')}
      {mayActAs(me, 'admin') && !summary.online && button('remove', 'Remove device')}
      {asked === 'restart' && summary.online && <RestartDialog id={id} what="agent" onClose={done} />}
      {shown === 'hold' && <HoldDialog id={id} onClose={close} reload={reload} />}
      {shown === 'release' && <ReleaseDialog id={id} onClose={close} reload={reload} />}
      {shown === 'revoke' && <RevokeDialog id={id} onClose={close} />}
      {shown === 'remove' && <RemoveDialog id={id} onClose={close} />}
    </div>
  );
}

interface Props {
  readonly id: string;
  readonly onClose: () => void;
}

function HoldDialog({ id, onClose, reload }: Props & { reload: () => void }): JSX.Element {
  return (
    <ReasonDialog
      title={`Hold ${id}`}
      text={`No rollout changes ${id} until it is released: rollouts leave it out or wait for it. Orders that a person gives for it still count. All roles see the reason.`}
      word="Hold"
      needed
      onClose={onClose}
      onDone={async (reason) => {
        await call('PUT /devices/:id/hold', { params: { id }, body: { reason } });
        notify('ok', `${id} is held: no rollout changes it.`);
        reload();
      }}
    />
  );
}

function ReleaseDialog({ id, onClose, reload }: Props & { reload: () => void }): JSX.Element {
  const release = async (): Promise<void> => {
    await call('DELETE /devices/:id/hold', { params: { id } });
    notify('ok', `${id} is released.`);
    reload();
  };
  return (
    <ActionDialog title={`Release ${id}`} word="Release" onClose={onClose} onDone={release}>
      <p>Rollouts that have {id} in their target may change it again, from now on.</p>
    </ActionDialog>
  );
}

const brokerNotices: Readonly<Record<BrokerNotice, string>> = {
  told: 'Its connection was ended.',
  elsewhere: 'The broker knows devices by another list or by passwords: remove it there too.',
  failed: 'The broker does not know yet; the controller tells it again every minute.',
};

function RevokeDialog({ id, onClose }: Props): JSX.Element {
  const [reason, setReason] = useState('');
  const { data, failure, reload } = useAnswer(request('GET /certificates', { query: { device: id } }));
  const valid = data?.certificates.filter(
    ({ revokedMs, notAfterMs }) => revokedMs === undefined && notAfterMs > Date.now(),
  );
  const revoke = async (): Promise<void> => {
    const words = reason.trim();
    const body = words === '' ? {} : { reason: words };
    const { revoked, broker } = await call('POST /devices/:id/revoke', { params: { id }, body });
    const text = `${count(revoked, 'certificate')} of ${id} revoked. ${brokerNotices[broker]}`;
    notify(broker === 'told' ? 'ok' : 'error', text);
  };
  return (
    <ActionDialog
      title={`Revoke the certificate of ${id}`}
      word="Revoke"
      danger
      ready={valid !== undefined && valid.length > 0}
      onClose={onClose}
      onDone={revoke}
    >
      <p>
        The broker disconnects {id} at once and does not let it in again. This can't be taken back: to return,
        the device has to enrol with a new claim. Its history stays.
      </p>
      {failure && <Problem failure={failure} retry={reload} />}
      {valid === undefined && !failure && <Loading what="its certificates" />}
      {valid?.length === 0 && (
        <p class="tone-warning">
          This controller has issued no certificate that is valid for {id}. If it connects with a password,
          remove that at the broker.
        </p>
      )}
      {valid && valid.length > 0 && (
        <ul class="certificates" aria-label="Certificates to revoke">
          {valid.map(({ serial, notAfterMs }) => (
            <li key={serial}>
              <code title={serial}>{serial.slice(0, 16)}</code> valid until {formatTime(notAfterMs)}
            </li>
          ))}
        </ul>
      )}
      <TextField label="Reason (for the audit log)" value={reason} maxLength={200} onInput={setReason} />
    </ActionDialog>
  );
}

function RemoveDialog({ id, onClose }: Props): JSX.Element {
  const remove = async (): Promise<void> => {
    await call('DELETE /devices/:id', { params: { id } });
    notify('ok', `${id} was removed from the fleet.`);
    go(['devices']);
  };
  return (
    <ActionDialog title={`Remove ${id}`} word="Remove" danger onClose={onClose} onDone={remove}>
      <p>
        Its history, events and settings are deleted from the controller. If it connects again, it is added as
        a new device.
      </p>
    </ActionDialog>
  );
}
