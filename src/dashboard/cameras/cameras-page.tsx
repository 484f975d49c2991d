import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { healthStateNames, healthStates } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import { useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { formatRoute, refine, route } from '../state/route.ts';
import { useAwaited, useDevices } from '../state/use-devices.ts';
import { count, formatNumber } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { CameraHealthTag } from '../ui/status.tsx';
import { Choice, Empty, Loading, Panel, Problem, SearchField } from '../ui/widgets.tsx';
import { StillPicture } from './still-picture.tsx';
import { type WallCamera, type WallFilter, wallCameras } from './wall.ts';

/** Every camera of the fleet with a picture and its health. */
export function CamerasPage(): JSX.Element {
  const { fleet } = useSession();
  const state = useValue(fleet.state);
  const query = useValue(route).query;
  const search = query.get('q');
  const health = healthStateNames.find((name) => name === query.get('health'));
  const total = useAwaited();
  // What needs a look comes first, so it is asked for first.
  const devices = useDevices(search ? { search } : { health: health ?? 'blind' });
  if (state.phase === 'failed') return <Problem failure={state.failure} retry={() => fleet.load()} />;
  if (total !== undefined && devices.length === 0) return <Loading what="the cameras" />;
  return <Wall devices={devices} total={total} />;
}

const shownAtFirst = 60;

function Wall({
  devices,
  total,
}: {
  devices: readonly DeviceSummary[];
  total: number | undefined;
}): JSX.Element {
  const query = useValue(route).query;
  const filter: WallFilter = {
    search: query.get('q') ?? '',
    group: query.get('group') ?? '',
    health: query.get('health') ?? '',
  };
  const isKiosk = query.get('kiosk') === 'yes';
  const cameras = useMemo(() => wallCameras(devices, filter), [devices, query]);
  const [most, setMost] = useState(shownAtFirst);
  const change = (part: Partial<WallFilter> & { kiosk?: string }): void => {
    const { search, group, health } = { ...filter, ...part };
    refine({ q: search, group, health, kiosk: part.kiosk ?? (isKiosk ? 'yes' : '') });
  };
  const groups = [...new Set(devices.flatMap((device) => device.groups))].sort();
  const shown = cameras.slice(0, most);
  const tiles = <Tiles cameras={shown} />;
  if (isKiosk)
    return (
      <Kiosk
        title={filter.group || 'All cameras'}
        number={cameras.length}
        onEnd={() => change({ kiosk: '' })}
      >
        {tiles}
      </Kiosk>
    );
  return (
    <>
      <h1 class="off-screen">Cameras</h1>
      <Panel
        title="Cameras"
        icon="camera"
        class="panel-flush"
        aside={
          <div class="tools">
            <span class="sub" role="status">
              {total === undefined
                ? count(cameras.length, 'camera')
                : `Loading: ${formatNumber(devices.length)} of ${count(total, 'device')}`}
            </span>
            <button type="button" class="button" onClick={() => change({ kiosk: 'yes' })}>
              <Icon name="expand" />
              Full screen
            </button>
          </div>
        }
      >
        <div class="filters">
          <SearchField
            label="Search cameras"
            value={filter.search}
            onInput={(search) => change({ search })}
          />
          <Choice
            label="Health"
            value={filter.health}
            options={[
              ['', 'All'],
              ...healthStateNames.map((name) => [name, healthStates[name].words] as const),
            ]}
            onChange={(health) => change({ health })}
          />
          {groups.length > 0 && (
            <Choice
              label="Group"
              value={filter.group}
              options={[['', 'All'], ...groups.map((group) => [group, group] as const)]}
              onChange={(group) => change({ group })}
            />
          )}
        </div>
        {cameras.length === 0 && total === undefined ? (
          <Empty icon="camera" title="No camera matches these filters" />
        ) : (
          tiles
        )}
        {shown.length < cameras.length && (
          <button type="button" class="button more" onClick={() => setMost(most + shownAtFirst)}>
            Show more cameras
          </button>
        )}
      </Panel>
    </>
  );
}

function Tiles({ cameras }: { cameras: readonly WallCamera[] }): JSX.Element {
  return (
    <ul class="wall">
      {cameras.map(({ device, camera, health }) => (
        <li
          key={`${device.id}/${camera}`}
          class={`tile tile-${health.state}`}
          data-tile={`${device.id}/${camera}`}
        >
          <a class="tile-link" href={formatRoute(['cameras', device.id, camera])}>
            {device.id} <span class="sub">{camera}</span>
          </a>
          <StillPicture device={device.id} camera={camera} asks={device.online} everyMs={10_000} />
          <p class="tile-foot">
            <CameraHealthTag health={health} />
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Pictures alone, for a screen on the wall; Escape or the button ends it. */
function Kiosk(props: {
  title: string;
  number: number;
  onEnd: () => void;
  children: JSX.Element;
}): JSX.Element {
  const { onEnd } = props;
  useEffect(() => {
    // A page that was opened by its address has no gesture to ask with: it fills its window.
    document.documentElement.requestFullscreen?.().catch(() => {});
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') onEnd();
    };
    const onChange = (): void => {
      if (document.fullscreenElement === null) onEnd();
    };
    addEventListener('keydown', onKey);
    document.addEventListener('fullscreenchange', onChange);
    return () => {
      removeEventListener('keydown', onKey);
      document.removeEventListener('fullscreenchange', onChange);
      if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => {});
    };
  }, []);
  return (
    <section class="kiosk" aria-label="Full screen">
      <header class="kiosk-head">
        <h1>
          {props.title} <span class="sub">{count(props.number, 'camera')}</span>
        </h1>
        <button type="button" class="button" onClick={onEnd}>
          <Icon name="cross" />
          End full screen
        </button>
      </header>
      {props.children}
    </section>
  );
}
