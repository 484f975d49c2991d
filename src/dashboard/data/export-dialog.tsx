import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type DatasetForm, datasetFormNames, type FrameExportQuery } from '../../api/index.ts';
import { addressOf, fetchBlob } from '../api/client.ts';
import { asFailure } from '../api/failure.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { count } from '../ui/format.ts';
import { saveAs } from '../ui/save-as.ts';
import { Choice } from '../ui/widgets.tsx';
import type { FrameFilter } from './filter.ts';

const formWords: Readonly<Record<DatasetForm, string>> = {
  coco: 'COCO',
  cvat: 'CVAT',
  'label-studio': 'Label Studio',
  fiftyone: 'FiftyOne',
};

const reviewChoices = [
  ['accepted', 'Accepted frames'],
  ['not-rejected', 'All but rejected frames'],
  ['', 'All frames'],
] as const;

/** A device may have a slow link, and sends each picture piece by piece. */
const exportMs = 600_000;

/** The frames that the page shows, as a file of each device for a tool that labels or trains. */
export function ExportDialog(props: {
  devices: readonly string[];
  filter: Pick<FrameFilter, 'camera' | 'reason'>;
  onClose: () => void;
}): JSX.Element {
  const { devices, filter, onClose } = props;
  const [form, setForm] = useState<DatasetForm>('coco');
  const [review, setReview] = useState<string>('not-rejected');
  const [at, setAt] = useState<number | undefined>(undefined);
  const { camera, reason } = filter;
  const name = devices.length === 1 ? (devices[0] ?? '') : count(devices.length, 'device');
  const download = async (): Promise<void> => {
    const query = {
      form,
      camera: camera || undefined,
      reason: (reason || undefined) as FrameExportQuery['reason'],
      review: (review || undefined) as FrameExportQuery['review'],
    };
    const failed: string[] = [];
    for (const [index, id] of devices.entries()) {
      setAt(index);
      const address = addressOf('GET /devices/:id/frames.tar', { params: { id }, query });
      try {
        saveAs(await fetchBlob(address, AbortSignal.timeout(exportMs), exportMs), `${id}-${form}.tar`);
      } catch (error) {
        // One that gives none does not keep the others from it.
        if (devices.length === 1) throw error;
        failed.push(`${id}: ${asFailure(error).message}`);
      }
    }
    if (failed.length === 0) notify('ok', `The frames of ${name} are in your downloads.`);
    else notify('error', `${devices.length - failed.length} of ${name} exported. ${failed.join(' ')}`);
  };
  return (
    <ActionDialog title={`Export frames of ${name}`} word="Export" onClose={onClose} onDone={download}>
      <div class="form">
        <p>
          {camera === '' ? 'Every camera' : `Camera ${camera}`}
          {reason === '' ? '' : `, kept for ${reason}`}. The boxes are those of the model: correct them before
          you train.
        </p>
        {devices.length > 1 && <p>One archive of each device, one after the other: {devices.join(', ')}.</p>}
        <Choice
          label="For"
          value={form}
          options={datasetFormNames.map((one) => [one, formWords[one]] as const)}
          onChange={(next) => setForm(next as DatasetForm)}
        />
        <Choice label="Frames" value={review} options={reviewChoices} onChange={setReview} />
        {at !== undefined && devices.length > 1 && (
          <p role="status">
            Device {at + 1} of {devices.length}: {devices[at]}
          </p>
        )}
      </div>
    </ActionDialog>
  );
}
