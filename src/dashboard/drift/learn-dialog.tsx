import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client.ts';
import { notify } from '../state/notice.ts';
import { ActionDialog } from '../ui/action-dialog.tsx';
import { Choice } from '../ui/widgets.tsx';

const lengths = [
  ['4', '4 hours'],
  ['24', '1 day'],
  ['72', '3 days, with 24 separate times of day'],
] as const;

/** Lets a camera learn what it sees from now on as usual. */
export function LearnDialog(props: { device: string; camera: string; onClose: () => void }): JSX.Element {
  const { device, camera } = props;
  const [hours, setHours] = useState<string>('24');
  const order = async (): Promise<void> => {
    // A PUT replaces all settings: those that are there are read first and kept.
    const { settings } = await call('GET /devices/:id', { params: { id: device } });
    const before = settings.pipelines?.[camera] ?? {};
    const learn = {
      order: crypto.getRandomValues(new Uint32Array(2)).join('-'),
      hours: Number(hours),
      ...(hours === '72' ? { timesOfDay: 24 } : {}),
    };
    await call('PUT /devices/:id/desired', {
      params: { id: device },
      body: {
        ...settings,
        pipelines: { ...settings.pipelines, [camera]: { ...before, drift: { ...before.drift, learn } } },
      },
    });
    notify('ok', `${camera} on ${device} was ordered to learn what is usual.`);
  };
  return (
    <ActionDialog
      title={`Learn what ${camera} sees as usual`}
      word="Start learning"
      onClose={props.onClose}
      onDone={order}
    >
      <p>
        If the change is the new normal, let the camera learn it. All that it sees in this time is usual from
        then on. Until it is done, the camera is watched as before.
      </p>
      <p>
        <Choice label="Learn for" value={hours} options={lengths} onChange={setHours} />
      </p>
      <p class="sub">
        Choose ordinary days without faults. If the device is offline, it gets the order when it reconnects.
      </p>
    </ActionDialog>
  );
}
