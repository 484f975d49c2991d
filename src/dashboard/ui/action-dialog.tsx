import type { ComponentChildren, JSX } from 'preact';
import { useSending } from '../api/use-sending.ts';
import { Dialog } from './dialog.tsx';
import { Problem } from './widgets.tsx';

/** Says what will happen, does it, and closes; or stays, with what went wrong. */
export function ActionDialog(props: {
  title: string;
  /** On the button that does it. */
  word: string;
  /** What it does can't be taken back. */
  danger?: boolean;
  /** False: something has to be chosen or written first. */
  ready?: boolean;
  onClose: () => void;
  onDone: () => Promise<void>;
  children: ComponentChildren;
}): JSX.Element {
  const { busy, failure, send } = useSending();
  const act = () =>
    send(async () => {
      await props.onDone();
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
            class={`button ${props.danger ? 'button-danger' : 'button-main'}`}
            disabled={busy || props.ready === false}
            onClick={act}
          >
            {busy ? 'Sending…' : props.word}
          </button>
        </>
      }
    >
      {props.children}
      {failure && <Problem failure={failure} />}
    </Dialog>
  );
}
