import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Loading, Problem } from '../ui/widgets.tsx';
import type { Pin, PinMap } from './leaflet-map.ts';

type Maps = typeof import('./leaflet-map.ts');

/** A map that is drawn once, and whose pins follow. `make` is called again when `kind` changes. */
export function PinMapView(props: {
  label: string;
  kind: string;
  make: (maps: Maps, element: HTMLElement) => PinMap;
  pins: readonly Pin[];
}): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<PinMap | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let made: PinMap | undefined;
    let closed = false;
    setFailed(false);
    import('./leaflet-map.ts').then(
      (maps) => {
        if (closed || element.current === null) return;
        made = props.make(maps, element.current);
        setMap(made);
      },
      () => setFailed(true),
    );
    return () => {
      closed = true;
      made?.close();
      setMap(undefined);
    };
  }, [props.kind, round]);
  useEffect(() => map?.show(props.pins), [map, props.pins]);
  return (
    <>
      {failed && (
        <Problem
          failure={{
            ...{ status: 0, code: 'map-missing', message: 'The map could not be loaded.' },
            remedy: 'Check that the controller can be reached.',
          }}
          retry={() => setRound(round + 1)}
        />
      )}
      {map === undefined && !failed && <Loading what="the map" />}
      <section class="map" ref={element} aria-label={props.label} />
    </>
  );
}
