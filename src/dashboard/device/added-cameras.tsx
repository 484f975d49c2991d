import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { AddCameraDialog } from './add-camera-dialog.tsx';
import type { SystemFacts } from './system.ts';

type Change = { readonly kind: 'add' } | { readonly kind: 'rename' | 'remove'; readonly name: string };

/** Cameras that were added over the fleet, and adding one; where the device allows none, it says how to allow them. */
export function AddedCameras({ id, facts }: { id: string; facts: SystemFacts }): JSX.Element {
  const { kinds, added } = facts;
  const [change, setChange] = useState<Change | undefined>(undefined);
  const names = Object.entries(added);
  const close = () => setChange(undefined);
  return (
    <>
      <div class="button-row">
        <button
          type="button"
          class="button"
          disabled={kinds.length === 0}
          title={kinds.length === 0 ? 'The owner of the device allows it in remote.cameras.' : undefined}
          onClick={() => setChange({ kind: 'add' })}
        >
          Add camera
        </button>
      </div>
      {names.length > 0 && (
        <ul class="added-cameras" aria-label="Added cameras">
          {names.map(([name, source]) => (
            <li key={name}>
              <b>{name}</b> <span class="sub">{source}</span>{' '}
              <button type="button" class="button" onClick={() => setChange({ kind: 'rename', name })}>
                Rename <span class="off-screen">{name}</span>
              </button>{' '}
              <button type="button" class="button" onClick={() => setChange({ kind: 'remove', name })}>
                Remove <span class="off-screen">{name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {change?.kind === 'add' && <AddCameraDialog device={id} kinds={kinds} onClose={close} />}
      {change?.kind === 'rename' && <RenameDialog device={id} name={change.name} onClose={close} />}
      {change?.kind === 'remove' && <RemoveDialog device={id} name={change.name} onClose={close} />}
    </>
  );
}

interface Target {
  readonly device: string;
  readonly name: string;
  readonly onClose: () => void;
}

function RenameDialog({ device, name, onClose }: Target): JSX.Element {
  const [to, setTo] = useState(name);
  const rename = async (): Promise<void> => {
    const params = { id: device, camera: name };
    await call('PUT /devices/:id/cameras/:camera/name', { params, body: { name: to.trim() } });
    notify('ok', `${name} of ${device} is now ${to.trim()}.`);
  };
  return (
    <ActionDialog
      title={`Rename ${name}`}
      word="Rename"
      ready={to.trim() !== '' && to !== name}
      onClose={onClose}
      onDone={rename}
    >
      <TextField label="New name" value={to} onInput={setTo} />
      <p class="sub">Its history stays under the old name. The agent restarts to take up the change.</p>
    </ActionDialog>
  );
}

function RemoveDialog({ device, name, onClose }: Target): JSX.Element {
  const remove = async (): Promise<void> => {
    await call('DELETE /devices/:id/cameras/:camera', { params: { id: device, camera: name } });
    notify('ok', `${name} was removed from ${device}.`);
  };
  return (
    <ActionDialog title={`Remove ${name} from ${device}`} word="Remove" onClose={onClose} onDone={remove}>
      <p>The device forgets its address and password. The agent restarts to take up the change.</p>
    </ActionDialog>
  );
}
