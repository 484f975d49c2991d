import type { JSX } from 'preact';
import { request } from '../api/client.ts';
import type { DeviceDetail } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { CamerasPanel } from '../device/cameras-panel.tsx';
import { ClipsPanel } from '../device/clips-panel.tsx';
import { DriftPanel } from '../device/drift-panel.tsx';
import { LiveView } from '../device/live-view.tsx';
import { SettingsPanel } from '../device/settings-panel.tsx';
import { useMarkedEvents } from '../device/use-marked-events.ts';
import { useSelected } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { formatRoute } from '../state/route.ts';
import { cameraHealth } from '../ui/camera-health.ts';
import { Icon } from '../ui/icons.tsx';
import { CameraHealthTag } from '../ui/status.tsx';
import { Empty, Loading, Problem } from '../ui/widgets.tsx';
import { DetectionsChart } from './detections-chart.tsx';
import { KeptFrames } from './kept-frames.tsx';

/** One camera: what it shows now, how it is, what it saw over time, and its settings. */
export function CameraPage({ device, camera }: { device: string; camera: string }): JSX.Element {
  const { fleet } = useSession();
  const answer = useAnswer(request('GET /devices/:id', { params: { id: device } }), 4000);
  const live = useSelected(fleet.state, () => fleet.device(device));
  const summary = live ?? answer.data?.summary;
  const detail: DeviceDetail | undefined =
    answer.data === undefined || summary === undefined ? answer.data : { ...answer.data, summary };
  return (
    <>
      <a class="back" href={formatRoute(['cameras'])}>
        <Icon name="back" />
        Cameras
      </a>
      <header class="page-head">
        <div>
          <h1>{camera}</h1>
          <p class="page-facts">
            {summary && <CameraHealthTag health={cameraHealth(summary, camera)} />}
            <a href={formatRoute(['devices', device])}>{device}</a>
            {summary?.groups.map((group) => (
              <a key={group} class="tag tag-idle" href={formatRoute(['cameras'], { group })}>
                {group}
              </a>
            ))}
          </p>
        </div>
      </header>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what={camera} />}
      {detail &&
        (detail.summary.cameras.includes(camera) ? (
          <Panels detail={detail} camera={camera} reload={answer.reload} />
        ) : (
          <Empty icon="camera" title={`${device} has not reported a camera ${camera}`} />
        ))}
    </>
  );
}

function Panels(props: { detail: DeviceDetail; camera: string; reload: () => void }): JSX.Element {
  const { detail, camera, reload } = props;
  const events = useMarkedEvents(detail.summary.id);
  return (
    <div class="device-grid">
      <div class="device-main">
        <LiveView detail={detail} reload={reload} only={camera} />
        <DetectionsChart device={detail.summary.id} camera={camera} events={events} />
        <ClipsPanel detail={detail} only={camera} />
        <DriftPanel device={detail.summary} only={camera} events={events} />
      </div>
      <div class="device-side">
        <CamerasPanel detail={detail} only={camera} />
        <SettingsPanel detail={detail} reload={reload} only={camera} />
        <KeptFrames device={detail.summary} camera={camera} />
      </div>
    </div>
  );
}
