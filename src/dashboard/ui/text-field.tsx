import type { ComponentChildren, JSX, TargetedInputEvent } from 'preact';
import { useId } from 'preact/hooks';

interface TextFieldProps {
  readonly label: ComponentChildren;
  /** Beside the label. */
  readonly note?: ComponentChildren;
  readonly value: string;
  /** Shown while the field is empty. */
  readonly hint?: string;
  readonly maxLength?: number;
  /** The keys that a phone shows. */
  readonly inputMode?: 'numeric' | 'decimal';
  /** False for addresses and names, which no dictionary has. */
  readonly spellcheck?: boolean;
  /** The text is not shown. */
  readonly secret?: boolean;
  readonly onInput: (value: string) => void;
}

/** One line of text with its label. */
export function TextField({ label, note, hint, secret, onInput, ...rest }: TextFieldProps): JSX.Element {
  const id = useId();
  const attributes = {
    ...{ ...rest, id, autocomplete: 'off', ...(hint === undefined ? {} : { placeholder: hint }) },
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => onInput(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>
        {label} {note !== undefined && <span class="sub">{note}</span>}
      </label>
      {secret === true ? <input type="password" {...attributes} /> : <input type="text" {...attributes} />}
    </div>
  );
}
