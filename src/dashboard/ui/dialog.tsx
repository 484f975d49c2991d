import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';

/**
 * A question that must be answered before anything else. The browser's own modal dialogue keeps the focus inside and
 * closes on Escape. The focus goes back to where it was, or to the content where that is gone.
 */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  actions: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // The element leaves the page after this, and would take the focus with it.
      queueMicrotask(() => {
        const place = before instanceof HTMLElement && before.isConnected && before !== document.body;
        (place ? before : document.getElementById('content'))?.focus();
      });
    };
  }, []);
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
