import type { JSX } from 'preact';

/** Several of a few, behind a button. */
export function CheckMenu<Key extends string>(props: {
  name: string;
  options: readonly (readonly [key: Key, name: string])[];
  chosen: readonly Key[];
  /** With all that are chosen now, in the order of the options. */
  onChange: (chosen: readonly Key[]) => void;
}): JSX.Element {
  const { name, options, chosen, onChange } = props;
  const toggle = (key: Key): void =>
    onChange(
      options
        .map(([one]) => one)
        .filter((one) => (one === key ? !chosen.includes(one) : chosen.includes(one))),
    );
  return (
    <details class="check-menu">
      <summary class="button">{name}</summary>
      <fieldset class="check-list" aria-label={name}>
        {options.map(([key, words]) => (
          <label key={key}>
            <input type="checkbox" checked={chosen.includes(key)} onChange={() => toggle(key)} />
            {words}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
