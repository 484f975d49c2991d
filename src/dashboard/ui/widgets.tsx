import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Failure } from '../api/failure.ts';
import { Icon, type IconName } from './icons.tsx';
import type { Tone } from './tone.ts';

export type { Tone };

/** A word with a tone. The word carries the meaning, the colour only supports it. */
export function Tag(props: {
  tone: Tone;
  icon?: IconName | undefined;
  children: ComponentChildren;
  title?: string | undefined;
}) {
  return (
    <span class={`tag tag-${props.tone}`} title={props.title}>
      {props.icon ? <Icon name={props.icon} /> : <span class="dot" aria-hidden="true" />}
      {props.children}
    </span>
  );
}

/** One figure with its name; `note` says what it rests on. */
export function Figure(props: {
  name: string;
  value: ComponentChildren;
  unit?: string | undefined;
  note?: ComponentChildren;
  tone?: Tone;
  stale?: boolean | undefined;
}): JSX.Element {
  return (
    <div class={`figure${props.stale ? ' stale' : ''}`}>
      <span class="figure-name">{props.name}</span>
      <span class={`figure-value${props.tone ? ` tone-${props.tone}` : ''}`}>
        {props.value}
        {props.unit && <span class="figure-unit">{props.unit}</span>}
      </span>
      {props.note !== undefined && <span class="figure-note">{props.note}</span>}
    </div>
  );
}

/** A card with a heading. */
export function Panel(props: {
  title: string;
  icon?: IconName;
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`panel ${props.class ?? ''}`} aria-label={props.title}>
      <header class="panel-head">
        <h2>
          {props.icon && <Icon name={props.icon} />}
          {props.title}
        </h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** The text of an empty list: why it is empty, and what would fill it. */
export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <Icon name={props.icon} />
      <p class="empty-title">{props.title}</p>
      {props.children && <div class="empty-text">{props.children}</div>}
    </div>
  );
}

export function Loading({ what }: { what: string }): JSX.Element {
  return (
    <div class="empty" role="status">
      <span class="spinner" aria-hidden="true" />
      <p class="empty-text">Loading {what}…</p>
    </div>
  );
}

/** A failure with its remedy, and a way to try again. */
export function Problem(props: { failure: Failure; retry?: () => void }): JSX.Element {
  return (
    <div class="problem" role="alert">
      <Icon name="error" />
      <div>
        <p class="problem-message">{props.failure.message}</p>
        <p class="problem-remedy">{props.failure.remedy}</p>
      </div>
      {props.retry && (
        <button type="button" class="button" onClick={props.retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A short text with a button that copies the whole. */
export function Copyable(props: { text: string; children: ComponentChildren; label: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(props.text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <span class="copyable">
      <code title={props.text}>{props.children}</code>
      <button
        type="button"
        class="button-icon"
        aria-label={copied ? 'Copied' : `Copy ${props.label}`}
        title={copied ? 'Copied' : `Copy ${props.label}`}
        onClick={copy}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
    </span>
  );
}

/** The clipboard interface exists on https and localhost only; elsewhere the old way still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'off-screen';
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}

/** A choice of a few, as a drop-down with its label. */
export function Choice(props: {
  label: string;
  value: string;
  options: readonly (readonly [value: string, name: string])[];
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <span class="choice-label">{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function SearchField(props: { value: string; label: string; onInput: (value: string) => void }) {
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        value={props.value}
        placeholder={props.label}
        aria-label={props.label}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}

/** A word that narrows a list, taken over with Enter or when the field is left. */
export function FilterField(props: {
  label: string;
  value: string;
  hint: string;
  choices?: readonly string[];
  /** While somebody types. */
  onInput?: (text: string) => void;
  onChange: (value: string) => void;
}): JSX.Element {
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  // Pages are drawn again while somebody types: only another value may take the place of what is typed.
  useLayoutEffect(() => {
    if (field.current !== null) field.current.value = props.value;
  }, [props.value]);
  return (
    <label class="choice">
      <span class="choice-label">{props.label}</span>
      <input
        ref={field}
        type="text"
        list={props.choices === undefined ? undefined : list}
        placeholder={props.hint}
        onInput={(event) => props.onInput?.(event.currentTarget.value)}
        onChange={(event) => props.onChange(event.currentTarget.value.trim())}
      />
      {props.choices && (
        <datalist id={list}>
          {props.choices.slice(0, 500).map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </label>
  );
}

/** One of a few, all of them in sight: a time span, a camera. */
export function Segments<Key extends string>(props: {
  label: string;
  options: readonly (readonly [key: Key, name: string, ...unknown[]])[];
  chosen: Key | undefined;
  choose: (key: Key) => void;
}): JSX.Element {
  return (
    <fieldset class="segments" aria-label={props.label}>
      {props.options.map(([key, name]) => (
        <button
          key={key}
          type="button"
          class="segment"
          aria-pressed={key === props.chosen}
          onClick={() => props.choose(key)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

/** On or off, at once. */
export function Switch({
  on,
  onChange,
  children,
}: {
  on: boolean;
  onChange: (on: boolean) => void;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <label class="choice">
      <input
        type="checkbox"
        class="switch"
        role="switch"
        checked={on}
        aria-checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {children}
    </label>
  );
}
