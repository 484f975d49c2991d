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
        A hash of its name decides whether a {by} is B. If you increase the share, every {by} that is B stays
        B.{by === 'device' ? ' You cannot decrease it.' : ''}
      </p>
      <label class="field">
        <span>Share of B, in percent of the {by}s</span>
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
          Enter a number between 0 and 100.
        </p>
      )}
    </ActionDialog>
  );
}
