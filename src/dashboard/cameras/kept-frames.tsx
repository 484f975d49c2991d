import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import type { DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { EvidenceFrame } from '../drift/evidence.tsx';
import { formatTime } from '../ui/format.ts';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';

const pageSize = 4;

/** Hard frames of a camera that its device keeps, a few at a time: the device is asked when somebody wants them. */
export function KeptFrames({
  device,
  camera,
}: {
  device: DeviceSummary;
  camera: string;
}): JSX.Element | null {
  const [isAsked, setAsked] = useState(false);
  if (!device.online) return null;
  if (isAsked) return <Frames device={device.id} camera={camera} />;
  return (
    <Panel title="Kept frames" icon="camera">
      <p>
        <button type="button" class="button" onClick={() => setAsked(true)}>
          Fetch from the device
        </button>
      </p>
    </Panel>
  );
}

function Frames({ device, camera }: { device: string; camera: string }): JSX.Element {
  const [after, setAfter] = useState<string | undefined>(undefined);
  const { data, failure, loading, reload } = useAnswer(
    request('GET /devices/:id/frames', { params: { id: device }, query: { camera, limit: pageSize, after } }),
  );
  const frames = data?.frames ?? [];
  return (
    <Panel
      title="Kept frames"
      icon="camera"
      aside={
        data?.more === true ? (
          <button type="button" class="button" onClick={() => setAfter(frames.at(-1)?.id)}>
            Newer
          </button>
        ) : after !== undefined ? (
          <button type="button" class="button" onClick={() => setAfter(undefined)}>
            Oldest
          </button>
        ) : undefined
      }
    >
      {failure && <Problem failure={failure} retry={reload} />}
      {loading && <Loading what="frames" />}
      {data && frames.length === 0 && (
        <Empty icon="camera" title="No frames kept">
          <code>goshawk frame keep --device {device}</code>
        </Empty>
      )}
      <ul class="wall frames-kept">
        {frames.map(({ id, timeMs, reason }) => (
          <li key={id} class="tile">
            <EvidenceFrame device={device} frame={id} label={`Frame of ${camera}, ${formatTime(timeMs)}`} />
            <p class="tile-foot sub">
              {formatTime(timeMs)}, {reason}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
