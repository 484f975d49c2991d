import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Labels } from '../../api/index.ts';
import { request } from '../api/client.ts';
import type { DeviceSummary } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { go } from '../state/route.ts';
import { count } from '../ui/format.ts';
import { Empty, Loading, Problem } from '../ui/widgets.tsx';
import { PinMapView } from './pin-map.tsx';
import { onMap } from './pins.ts';

/** The devices whose labels say where on Earth they are. */
export function WorldView(props: {
  devices: readonly DeviceSummary[];
  labels: ReadonlyMap<string, Labels>;
}): JSX.Element {
  const answer = useAnswer(request('GET /sites/map'));
  const { placed, others } = useMemo(() => onMap(props.devices, props.labels), [props.devices, props.labels]);
  const pins = useMemo(
    () =>
      placed.map(({ place, ...pin }) => ({
        ...pin,
        at: [place.latitude, place.longitude] as [number, number],
      })),
    [placed],
  );
  if (answer.failure && answer.data === undefined)
    return <Problem failure={answer.failure} retry={answer.reload} />;
  if (answer.data === undefined) return <Loading what="the map" />;
  const { tiles, attribution } = answer.data;
  if (placed.length === 0)
    return (
      <Empty icon="search" title="None of these devices has a place on the map">
        <p>Set the labels latitude and longitude:</p>
        <pre>goshawk device label cam-7 --set latitude=52.52,longitude=13.405</pre>
      </Empty>
    );
  return (
    <>
      <PinMapView
        label="Map of the devices"
        kind="world"
        make={(maps, element) =>
          maps.PinMap.ofWorld(
            element,
            { onOpen: (id) => go(['devices', id]) },
            tiles === undefined ? undefined : { address: tiles, attribution: attribution ?? '' },
          )
        }
        pins={pins}
      />
      {others.length > 0 && (
        <p class="sub map-note">
          Not on the map, for lack of the labels latitude and longitude: {count(others.length, 'device')}
        </p>
      )}
    </>
  );
}
