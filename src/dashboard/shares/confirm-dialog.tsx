import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asFailure, type Failure } from '../api/failure.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/widgets.tsx';

/** Says what will happen, and does it. */
export function ConfirmDialog(props: {
  title: string;
  text: string;
  word: string;
  onClose: () => void;
  onDone: () => Promise<void>;
}): JSX.Element {
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await props.onDone();
      props.onClose();
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      actions={
        <>
          <button type="button" class="button" onClick={props.onClose}>
            Cancel
          </button>
          <button type="button" class="button button-main" disabled={busy} onClick={act}>
            {props.word}
          </button>
        </>
      }
    >
      <p>{props.text}</p>
      {failure && <Problem failure={failure} />}
    </Dialog>
  );
}
