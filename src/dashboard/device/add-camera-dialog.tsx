import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import type { CameraTrialAnswer } from '../api/types.ts';
import { useSending } from '../api/use-sending.ts';
import { notify } from '../state/notice.ts';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/text-field.tsx';
import { Problem } from '../ui/widgets.tsx';

/** The device gives a camera up before. */
const trialMs = 60_000;

/** A camera is tried by the device, looked at, and added. The password leaves this page once and is not kept. */
export function AddCameraDialog(props: {
  device: string;
  kinds: readonly string[];
  onClose: () => void;
}): JSX.Element {
  const { device, kinds, onClose } = props;
  const [name, setName] = useState('');
  const [source, setSource] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [seen, setSeen] = useState<CameraTrialAnswer | undefined>(undefined);
  const { busy, failure, send } = useSending();
  const changed = (set: (value: string) => void) => (value: string) => {
    set(value);
    setSeen(undefined);
  };
  const attempt = () =>
    send(async () => {
      setSeen(undefined);
      const body = {
        source: source.trim(),
        ...(username === '' ? {} : { username }),
        ...(password === '' ? {} : { password }),
      };
      const sent = request('POST /devices/:id/camera-trials', { params: { id: device }, body });
      setSeen(await sent.send(AbortSignal.timeout(trialMs)));
      setPassword('');
    });
  const add = () =>
    send(async () => {
      if (seen === undefined) return;
      const body = { name: name.trim(), trial: seen.trial };
      const change = await request('POST /devices/:id/cameras', { params: { id: device }, body }).send();
      notify(
        'ok',
        change.restarts
          ? `${body.name} was added. The agent of ${device} restarts now.`
          : `${body.name} was added. Restart the agent of ${device} to use it.`,
      );
      onClose();
    });
  return (
    <Dialog
      title={`Add a camera to ${device}`}
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" class="button" disabled={busy || source.trim() === ''} onClick={attempt}>
            {busy && seen === undefined ? 'The device tries it…' : 'Test picture'}
          </button>
          <button
            type="button"
            class="button button-main"
            disabled={busy || seen === undefined || name.trim() === ''}
            onClick={add}
          >
            Add
          </button>
        </>
      }
    >
      <p class="sub">Kinds that this device allows: {kinds.join(', ')}.</p>
      <div class="camera-fields">
        <TextField spellcheck={false} label="Name" value={name} onInput={setName} hint="yard" />
        <TextField
          spellcheck={false}
          label="Address"
          value={source}
          onInput={changed(setSource)}
          hint="rtsp://10.0.0.5/stream1"
        />
        <TextField
          spellcheck={false}
          label="User (optional)"
          value={username}
          onInput={changed(setUsername)}
        />
        <TextField label="Password (optional)" value={password} onInput={changed(setPassword)} secret />
      </div>
      {failure && <Problem failure={failure} />}
      {seen && <TestPicture seen={seen} />}
    </Dialog>
  );
}

const hiddenWords: Readonly<Record<CameraTrialAnswer['privacy'], string>> = {
  plain: '',
  blurred: ' Persons are hidden, as the device would hide them.',
  boxes: ' The picture is hidden: the privacy rule of the device needs a model that finds persons.',
};

function TestPicture({ seen }: { seen: CameraTrialAnswer }): JSX.Element {
  return (
    <figure class="camera-trial">
      <img src={`data:image/jpeg;base64,${seen.jpeg}`} alt="View of the camera" />
      <figcaption class="sub">
        {seen.width}x{seen.height} after {(seen.tookMs / 1000).toFixed(1)} s.{hiddenWords[seen.privacy]}
      </figcaption>
    </figure>
  );
}
