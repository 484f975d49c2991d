import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type DatasetForm, datasetFormNames, type FrameExportQuery } from '../../api/index.ts';
import { addressOf, fetchBlob } from '../api/client.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
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

/** The frames that the page shows, as a file for a tool that labels or trains. */
export function ExportDialog({ filter, onClose }: { filter: FrameFilter; onClose: () => void }): JSX.Element {
  const [form, setForm] = useState<DatasetForm>('coco');
  const [review, setReview] = useState<string>('not-rejected');
  const { device, camera, reason } = filter;
  const download = async (): Promise<void> => {
    const query = {
      form,
      camera: camera || undefined,
      reason: (reason || undefined) as FrameExportQuery['reason'],
      review: (review || undefined) as FrameExportQuery['review'],
    };
    const address = addressOf('GET /devices/:id/frames.tar', { params: { id: device }, query });
    saveAs(await fetchBlob(address, AbortSignal.timeout(exportMs), exportMs), `${device}-${form}.tar`);
    notify('ok', `The frames of ${device} are in your downloads.`);
  };
  return (
    <ActionDialog title={`Export frames of ${device}`} word="Export" onClose={onClose} onDone={download}>
      <div class="form">
        <p>
          {camera === '' ? 'Every camera' : `Camera ${camera}`}
          {reason === '' ? '' : `, kept for ${reason}`}. The boxes are those of the model: correct them before
          you train.
        </p>
        <Choice
          label="For"
          value={form}
          options={datasetFormNames.map((one) => [one, formWords[one]] as const)}
          onChange={(next) => setForm(next as DatasetForm)}
        />
        <Choice label="Frames" value={review} options={reviewChoices} onChange={setReview} />
      </div>
    </ActionDialog>
  );
}
