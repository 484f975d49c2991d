import type { JSX } from 'preact';
import { request } from '../api/client.ts';
import type { DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { StillPicture } from '../cameras/still-picture.tsx';
import { EvidenceView } from '../drift/evidence.tsx';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { cameraHealth } from '../ui/camera-health.ts';
import { count, formatDuration } from '../ui/format.ts';
import { CameraHealthTag } from '../ui/status.tsx';
import { Panel } from '../ui/widgets.tsx';

const mostShown = 12;

/** Cameras that see nothing, with the last picture of each. */
export function BlindCameras({ devices }: { devices: readonly DeviceSummary[] }): JSX.Element | null {
  const now = useNow(5000);
  const blind = devices.flatMap((device) =>
    device.cameras.flatMap((camera) => {
      const health = cameraHealth(device, camera);
      return health.state === 'blind' ? [{ device, camera, health }] : [];
    }),
  );
  if (blind.length === 0) return null;
  return (
    <Panel
      title="Blind cameras"
      icon="camera"
      aside={<a href={formatRoute(['cameras'], { health: 'blind' })}>{count(blind.length, 'camera')}</a>}
    >
      <ul class="wall">
        {blind.slice(0, mostShown).map(({ device, camera, health }) => (
          <li key={`${device.id}/${camera}`} class="tile">
            <a class="tile-link" href={formatRoute(['cameras', device.id, camera])}>
              {device.id} <span class="sub">{camera}</span>
            </a>
            <StillPicture
              device={device.id}
              camera={camera}
              asks={!(health.what[0] ?? '').startsWith('no frames')}
              everyMs={30_000}
              otherwise={<LastView device={device.id} camera={camera} />}
            />
            <p class="tile-foot">
              <CameraHealthTag health={health} />
              {health.sinceMs !== undefined && (
                <span class="sub">for {formatDuration(now - health.sinceMs)}</span>
              )}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The small picture that came with the alarm, where the camera sends none any more. */
function LastView({ device, camera }: { device: string; camera: string }): JSX.Element {
  const drift = useAnswer(request('GET /devices/:id/drift', { params: { id: device } }));
  const view = drift.data?.cameras.find((one) => one.camera === camera)?.open?.view;
  if (view === undefined) return <span class="still-none">No picture</span>;
  return <EvidenceView view={view} label={`Last view of ${device} ${camera}`} />;
}
