import type { JSX } from 'preact';
import type { DeviceDetail } from '../api/types.ts';
import { formatRoute } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { formatAgo, formatBytes, formatFixed, formatNumber, formatTime } from '../ui/format.ts';
import { Panel, Tag } from '../ui/widgets.tsx';
import { type CameraRow, cameraRows } from './cameras.ts';

/** How every camera fares: its connection, what came of it, and what is wrong with what to do. */
export function CamerasPanel(props: { detail: DeviceDetail; only?: string }): JSX.Element | null {
  const { detail, only } = props;
  const rows = cameraRows(detail).filter(({ camera }) => camera === (only ?? camera));
  if (rows.length === 0) return null;
  const stale = !detail.summary.online;
  return (
    <Panel title={only === undefined ? 'Cameras' : 'Connection'} icon="camera">
      {rows.map((row) => (
        <Camera key={row.camera} device={detail.summary.id} row={row} stale={stale} />
      ))}
    </Panel>
  );
}

function Camera(props: { device: string; row: CameraRow; stale: boolean }): JSX.Element {
  const { device, row, stale } = props;
  const now = useNow(5000);
  const { camera, connected, frames, bytes, decodeErrors, lastFrameAgeS, reachedFps, targetFps } = row;
  const facts: Fact[] = [
    ...(connected === undefined ? [] : connectionFacts(connected, now)),
    fact(
      'Frames/s',
      `${formatFixed(reachedFps, 1)}${targetFps === undefined ? '' : ` of ${Number(targetFps.toFixed(1))}`}`,
    ),
    ...(frames === undefined ? [] : [fact('Frames', formatNumber(frames))]),
    ...(bytes === undefined ? [] : [fact('Bytes', formatBytes(bytes))]),
    ...(decodeErrors === undefined ? [] : [fact('Decode errors', formatNumber(decodeErrors))]),
    ...(lastFrameAgeS === undefined
      ? []
      : [fact('Last frame', `${formatFixed(lastFrameAgeS, 1)} s ago`, 'When the metrics were read')]),
  ];
  return (
    <section class="camera-health" data-camera={camera}>
      <h3>
        <a href={formatRoute(['cameras', device, camera])}>{camera}</a>{' '}
        {!stale && <StateTag state={row.state} />}
      </h3>
      <dl class={`camera-facts${stale ? ' stale' : ''}`}>
        {facts.map(({ name, value, title }) => (
          <div key={name} title={title}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {row.notes.map((note) => (
        <p key={note} class="sub camera-note">
          {note}
        </p>
      ))}
    </section>
  );
}

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly title: string | undefined;
}

function fact(name: string, value: string, title?: string): Fact {
  return { name, value, title };
}

function connectionFacts(
  { sinceMs, connects }: NonNullable<CameraRow['connected']>,
  now: number,
): readonly Fact[] {
  const since =
    sinceMs === undefined
      ? fact('Connected', 'no')
      : fact('Connected', formatAgo(sinceMs, now), formatTime(sinceMs));
  return [since, fact('Connections', formatNumber(connects))];
}

function StateTag({ state }: { state: CameraRow['state'] }): JSX.Element {
  switch (state) {
    case 'fault':
      return <Tag tone="error">Fault</Tag>;
    case 'blind':
      return <Tag tone="error">Blind</Tag>;
    case 'missed':
      return <Tag tone="warning">Check</Tag>;
    case 'off':
      return <Tag tone="idle">Off</Tag>;
    case 'ok':
      return <Tag tone="ok">OK</Tag>;
  }
}
