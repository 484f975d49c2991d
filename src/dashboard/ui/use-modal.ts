import { useEffect, useRef } from 'preact/hooks';

/**
 * For a `<dialog>` that is open as long as it is drawn. The focus goes back to where it was, or to the content where that
 * is gone.
 */
export function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
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
  return dialog;
}
