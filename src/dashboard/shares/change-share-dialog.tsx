import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AskedShare } from '../../api/index.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import { parseRange } from '../rollouts/standing.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/widgets.tsx';

/** From where to where the second version has the cameras. */
export function ChangeShareDialog(props: {
  of: string;
  asked: readonly AskedShare[];
  onClose: () => void;
  onDone: (range: { fromPercent: number; toPercent: number }) => Promise<void>;
}): JSX.Element {
  const [first] = props.asked;
  const [from, setFrom] = useState(String(first?.fromPercent ?? 0));
  const [to, setTo] = useState(String(first?.toPercent ?? 50));
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const range = parseRange(from, to);
  const act = async () => {
    if (range === undefined) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await props.onDone(range);
      props.onClose();
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
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
    <Dialog
      title={`Change the share of ${props.of}`}
      onClose={props.onClose}
      actions={
        <>
          <button type="button" class="button" onClick={props.onClose}>
            Cancel
          </button>
          <button
            type="button"
            class="button button-main"
            disabled={busy || range === undefined}
            onClick={act}
          >
            Change the share
          </button>
        </>
      }
    >
      <p>
        A camera is B when its place, a hash of its name, lies in this range. Where the range grows, cameras
        that are B stay B.
      </p>
      {field('B begins at, percent', from, setFrom)}
      {field('B ends at, percent', to, setTo)}
      {range === undefined && (
        <p class="sub" role="status">
          From 0 to 100, and it has to end after it begins.
        </p>
      )}
      {failure && <Problem failure={failure} />}
    </Dialog>
  );
}
