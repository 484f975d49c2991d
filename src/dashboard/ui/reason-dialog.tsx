import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ActionDialog } from './action-dialog.tsx';
import { TextField } from './text-field.tsx';

/** Asks why, and does it. */
export function ReasonDialog(props: {
  title: string;
  text: string;
  word: string;
  /** A reason has to be given. */
  needed?: boolean;
  /** Where an optional reason is shown. */
  place?: string;
  danger?: boolean;
  onClose: () => void;
  onDone: (reason: string) => Promise<void>;
  /** What else is to be chosen. */
  children?: ComponentChildren;
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
      <div class="form">
        <p>{props.text}</p>
        {props.children}
        <TextField
          label={props.needed === true ? 'Reason' : `Reason (shown ${props.place ?? 'in the history'})`}
          value={reason}
          maxLength={500}
          onInput={setReason}
        />
      </div>
    </ActionDialog>
  );
}
