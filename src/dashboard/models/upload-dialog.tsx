import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useSending } from '../api/use-sending.ts';
import { notify } from '../state/notice.ts';
import { Dialog } from '../ui/dialog.tsx';
import { formatBytes } from '../ui/format.ts';
import { Problem } from '../ui/widgets.tsx';
import { bundleIn, type ChosenBundle, type UploadProgress, uploadModel } from './upload.ts';

/** Uploads the folder of a bundle. What arrived stays, so a second try sends only the rest. */
export function UploadDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { busy, failure, send } = useSending();
  const [progress, setProgress] = useState<UploadProgress | undefined>(undefined);
  const [chosen, setChosen] = useState<readonly File[]>([]);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const act = () =>
    send(async () => {
      const { name, version } = await uploadModel(bundleOf(chosen), stop.current.signal, setProgress);
      notify('ok', `${name} ${version} was uploaded.`);
      onClose();
    });
  return (
    <Dialog
      title="Upload a model"
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            class="button button-main"
            disabled={busy || chosen.length === 0}
            onClick={act}
          >
            {busy ? 'Uploading…' : 'Upload'}
          </button>
        </>
      }
    >
      <p>
        Choose the folder of a bundle, as <code>goshawk model import</code> or{' '}
        <code>goshawk model optimize</code> wrote it. Files that the controller already has are not sent
        again.
      </p>
      <label class="field">
        Folder of the bundle
        <input
          type="file"
          disabled={busy}
          ref={(input) => input?.setAttribute('webkitdirectory', '')}
          onChange={({ currentTarget }) => setChosen([...(currentTarget.files ?? [])])}
        />
      </label>
      {progress && busy && <Sent progress={progress} />}
      {failure && <Problem failure={failure} />}
    </Dialog>
  );
}

function Sent({ progress: { sentBytes, totalBytes, file } }: { progress: UploadProgress }): JSX.Element {
  return (
    <>
      <progress value={sentBytes} max={totalBytes} aria-label="Uploaded" />
      <p class="sub" role="status">
        {formatBytes(sentBytes)} of {formatBytes(totalBytes)}: {file}
      </p>
    </>
  );
}

function bundleOf(files: readonly File[]): ChosenBundle {
  return bundleIn(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}
