import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ActionDialog } from './action-dialog.tsx';

/** Asks why, and does it. */
export function ReasonDialog(props: {
  title: string;
  text: string;
  word: string;
  /** A reason has to be given. */
  needed?: boolean;
  danger?: boolean;
  onClose: () => void;
  onDone: (reason: string) => Promise<void>;
}): JSX.Element {
  const [reason, setReason] = useState('');
  return (
    <ActionDialog
      title={props.title}
      word={props.word}
      danger={props.danger === true}
      ready={props.needed !== true || reason.trim() !== ''}
      onClose={props.onClose}
      onDone={() => props.onDone(reason.trim())}
    >
      <p>{props.text}</p>
      <label class="field">
        <span>Reason{props.needed === true ? '' : ' (shown in the history)'}</span>
        <input
          type="text"
          value={reason}
          maxLength={500}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
    </ActionDialog>
  );
}
