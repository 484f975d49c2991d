import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSession } from '../state/app.ts';
import { useDevices } from '../state/use-devices.ts';
import { Icon } from '../ui/icons.tsx';
import { useModal } from '../ui/use-modal.ts';
import { actionsFor, findEntries, type PaletteSources } from './commands.ts';

const mostShown = 14;

/** Opens with Ctrl+K (Cmd+K), or `/` outside of a field: goes to any page, device, camera, group, rollout or model, or acts. */
export function Palette({ pages }: Pick<PaletteSources, 'pages'>): JSX.Element {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isField = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      const asks =
        ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') ||
        (event.key === '/' && !isField);
      // Another question comes first.
      if (!asks || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button
        type="button"
        class="button-icon"
        aria-label="Go to a page or a device"
        title="Go to (Ctrl+K)"
        onClick={() => setOpen(true)}
      >
        <Icon name="search" />
      </button>
      {open && <PaletteDialog pages={pages} onClose={() => setOpen(false)} />}
    </>
  );
}

function PaletteDialog({
  pages,
  onClose,
}: Pick<PaletteSources, 'pages'> & { onClose: () => void }): JSX.Element {
  const dialog = useModal();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const actions = actionsFor(useSession().me);
  const verb = actions.device.find((one) =>
    text.toLowerCase().startsWith(`${one.verb.toLowerCase()} `),
  )?.verb;
  const search = text.slice(verb?.length ?? 0).trim();
  const devices = useDevices(search === '' ? undefined : { search });
  const rollouts = useAnswer(request('GET /rollouts', { query: { limit: 50 } })).data?.rollouts ?? [];
  const models = useAnswer(request('GET /models')).data?.models ?? [];
  const entries = useMemo(
    () => findEntries({ pages, devices, rollouts, models, actions }, text, mostShown),
    [text, devices, rollouts, models],
  );
  const go = (index: number): void => {
    const entry = entries[index];
    if (entry === undefined) return;
    onClose();
    location.hash = entry.href;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setAt((at + step + entries.length) % Math.max(1, entries.length));
    else if (event.key === 'Enter') go(at);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label="Go to"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Page, device, camera, group, rollout or model"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={entries.length > 0 ? `${list}-${at}` : undefined}
        placeholder="Find a page, device, model or action"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" tabIndex={-1} aria-label="Found" class="palette-list">
        {entries.map(({ kind, name, href }, index) => (
          // The keyboard chooses by the field above.
          <button
            key={href}
            id={`${list}-${index}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerMove={() => setAt(index)}
            onClick={() => go(index)}
          >
            <span>{name}</span>
            <span class="sub">{kind}</span>
          </button>
        ))}
      </div>
      {entries.length === 0 && (
        <p class="sub palette-none">No page, device, camera or action has this name</p>
      )}
    </dialog>
  );
}
