import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useSending } from '../api/use-sending.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/widgets.tsx';

/** Asks why, and does it. */
export function ReasonDialog(props: {
  title: string;
  text: string;
  word: string;
  /** A reason has to be given. */
  needed?: boolean;
  onClose: () => void;
  onDone: (reason: string) => Promise<void>;
}): JSX.Element {
  const [reason, setReason] = useState('');
  const { busy, failure, send } = useSending();
  const act = () =>
    send(async () => {
      await props.onDone(reason.trim());
      props.onClose();
    });
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      actions={
        <>
          <button type="button" class="button" onClick={props.onClose}>
            Cancel
          </button>
          <button
            type="button"
            class="button button-main"
            disabled={busy || (props.needed === true && reason.trim() === '')}
            onClick={act}
          >
            {props.word}
          </button>
        </>
      }
    >
      <p>{props.text}</p>
      <label class="field">
        <span>Reason{props.needed === true ? '' : ' (stands in its history)'}</span>
        <input
          type="text"
          value={reason}
          maxLength={500}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {failure && <Problem failure={failure} />}
    </Dialog>
  );
}
