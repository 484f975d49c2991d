import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { useModal } from './use-modal.ts';

/**
 * A question that must be answered before anything else. The browser's own modal dialogue keeps the focus inside and
 * closes on Escape.
 */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  actions: ComponentChildren;
}): JSX.Element {
  const dialog = useModal();
  const titleId = useId();
  // What had the focus may be gone with the question before, as the button that made a token.
  useEffect(() => {
    if (!dialog.current?.contains(document.activeElement))
      dialog.current?.querySelector<HTMLElement>('.dialog-actions button')?.focus();
  }, [props.title]);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={titleId}>{props.title}</h2>
        <button type="button" class="button-icon" aria-label="Close" onClick={props.onClose}>
          <Icon name="cross" />
        </button>
      </header>
      <div class="dialog-body">{props.children}</div>
      <footer class="dialog-actions">{props.actions}</footer>
    </dialog>
  );
}
