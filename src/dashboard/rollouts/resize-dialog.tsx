import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Experiment } from '../../api/index.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { parsePart } from './standing.ts';

/** How many of the cameras or devices are to be B. */
export function ResizeDialog(props: {
  name: string;
  experiment: Experiment;
  onClose: () => void;
  onDone: (percent: number) => Promise<void>;
}): JSX.Element {
  const { by, percent: now } = props.experiment;
  const [text, setText] = useState(String(now ?? ''));
  const percent = parsePart(text);
  return (
    <ActionDialog
      title={`Resize ${props.name}`}
      word="Resize"
      ready={percent !== undefined}
      onClose={props.onClose}
      onDone={async () => {
        if (percent !== undefined) await props.onDone(percent);
      }}
    >
      <p>
        A {by} is B when its place, a hash of its name, is within this part. What is B stays B where the part
        grows{by === 'device' ? '; it can only grow' : ''}.
      </p>
      <label class="field">
        <span>B has, percent of the {by}s</span>
        <input
          type="number"
          min={0}
          max={100}
          step="any"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {percent === undefined && (
        <p class="sub" role="status">
          Name a number between 0 and 100.
        </p>
      )}
    </ActionDialog>
  );
}
