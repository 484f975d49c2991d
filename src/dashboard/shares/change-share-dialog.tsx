import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AskedShare } from '../../api/index.ts';
import { parseRange } from '../rollouts/standing.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { commonRange, whoIsChanged } from './words.ts';

/** From where to where the second version has the cameras. */
export function ChangeShareDialog(props: {
  of: string;
  asked: readonly AskedShare[];
  onClose: () => void;
  onDone: (range: { fromPercent: number; toPercent: number }) => Promise<void>;
}): JSX.Element {
  // Filled in when it opens; the page goes on asking behind it.
  const [common] = useState(() => commonRange(props.asked));
  const [from, setFrom] = useState(String(common?.fromPercent ?? ''));
  const [to, setTo] = useState(String(common?.toPercent ?? ''));
  const range = parseRange(from, to);
  const field = (label: string, value: string, set: (text: string) => void) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={0}
        max={100}
        step="any"
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
  return (
    <ActionDialog
      title={`Change the share of ${props.of}`}
      word="Change the share"
      ready={range !== undefined}
      onClose={props.onClose}
      onDone={async () => {
        if (range !== undefined) await props.onDone(range);
      }}
    >
      <p>
        A camera is B when its place, a hash of its name, lies in this range. Where the range grows, cameras
        that are B stay B.
      </p>
      <p>{whoIsChanged(props.asked)}</p>
      {field('B begins at, percent', from, setFrom)}
      {field('B ends at, percent', to, setTo)}
      {range === undefined && (
        <p class="sub" role="status">
          From 0 to 100, and it has to end after it begins.
        </p>
      )}
    </ActionDialog>
  );
}
