import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { addressOf, call, fetchBlob } from '../api/client.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import type { DeviceDetail } from '../api/types.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { notify } from '../state/notice.ts';
import { formatBytes, formatFixed, formatTime } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem } from '../ui/widgets.tsx';
import { type Clip, useClips } from './clip-list.ts';

/** A clip comes from its device piece by piece, over whatever line that has. */
const fetchMs = 600_000;
const shownClips = 20;

/** The clips of a device; empty if it records none. */
export function ClipsPanel(props: { detail: DeviceDetail; only?: string }): JSX.Element | null {
  const { detail, only } = props;
  const cameras = Object.entries(detail.reported?.cameras ?? {}).flatMap(([camera, { clips }]) =>
    clips === true && camera === (only ?? camera) ? [camera] : [],
  );
  if (!detail.summary.online || cameras.length === 0) return null;
  return <Clips id={detail.summary.id} cameras={cameras} only={only} />;
}

function Clips(props: { id: string; cameras: readonly string[]; only: string | undefined }): JSX.Element {
  const { id, cameras, only } = props;
  const { data: clips = [], failure, loading, reload } = useClips(id, only);
  const [playing, setPlaying] = useState<Clip | undefined>(undefined);
  const [page, setPage] = useState(0);
  // Some may have been removed meanwhile.
  const first = Math.min(page, Math.max(0, Math.ceil(clips.length / shownClips) - 1)) * shownClips;
  const end = Math.min(first + shownClips, clips.length);
  return (
    <Panel title="Clips" icon="play" class="clips-panel" aside={<Record device={id} cameras={cameras} />}>
      {failure && <Problem failure={failure} retry={reload} />}
      {playing && <Player key={playing.id} device={id} clip={playing} />}
      {loading && <Loading what="clips" />}
      {clips.length === 0 && !failure && !loading && <Empty icon="camera" title="No clips yet" />}
      {clips.length > 0 && (
        <Table
          class="plain-wide"
          columns={['Time', 'Camera', 'For', 'Seconds', 'Size', { title: 'Play', unseen: true }]}
        >
          {clips.slice(first, end).map((clip) => (
            <tr key={clip.id} data-clip={clip.id}>
              <td>{formatTime(clip.timeMs)}</td>
              <td>{clip.camera}</td>
              <td>{clip.reasons.map((reason) => (reason === 'call' ? 'request' : reason)).join(', ')}</td>
              <td>{formatFixed(clip.durationMs / 1000, 1)}</td>
              <td>{formatBytes(clip.bytes)}</td>
              <td>
                <button type="button" class="button" onClick={() => setPlaying(clip)}>
                  <Icon name="play" />
                  Play
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {clips.length > shownClips && (
        <nav class="pager" aria-label="Pages of clips">
          <button
            type="button"
            class="button"
            disabled={first === 0}
            onClick={() => setPage(first / shownClips - 1)}
          >
            Newer
          </button>
          <span class="sub" role="status">
            {first + 1} to {end} of {clips.length}
          </span>
          <button
            type="button"
            class="button"
            disabled={end === clips.length}
            onClick={() => setPage(first / shownClips + 1)}
          >
            Older
          </button>
        </nav>
      )}
    </Panel>
  );
}

function Record(props: { device: string; cameras: readonly string[] }): JSX.Element | null {
  const { device, cameras } = props;
  const { me } = useSession();
  if (!mayActAs(me, 'operator')) return null;
  const record = async (camera: string): Promise<void> => {
    try {
      await call('POST /devices/:id/clips', { params: { id: device }, body: { camera } });
      notify('ok', `Recording a clip of ${camera}. It is listed when it is complete.`);
    } catch (error) {
      const { message, remedy } = asFailure(error);
      notify('error', `${message} ${remedy}`);
    }
  };
  return (
    <>
      {cameras.map((camera) => (
        <button key={camera} type="button" class="button" onClick={() => record(camera)}>
          Record {cameras.length > 1 ? camera : 'now'}
        </button>
      ))}
    </>
  );
}

function Player({ device, clip }: { device: string; clip: Clip }): JSX.Element {
  const [source, setSource] = useState<string | Failure | undefined>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    let address: string | undefined;
    const load = async (): Promise<void> => {
      try {
        const params = { id: device, clip: clip.id };
        const blob = await fetchBlob(
          addressOf('GET /devices/:id/clips/:clip', { params }),
          stop.signal,
          fetchMs,
        );
        if (stop.signal.aborted) return;
        address = URL.createObjectURL(blob);
        setSource(address);
      } catch (error) {
        if (!stop.signal.aborted) setSource(asFailure(error));
      }
    };
    load();
    return () => {
      stop.abort();
      if (address !== undefined) URL.revokeObjectURL(address);
    };
  }, [device, clip.id]);
  if (source === undefined) return <Loading what={`${formatBytes(clip.bytes)} from the device`} />;
  if (typeof source === 'object') return <Problem failure={source} />;
  return (
    <figure class="clip-player">
      {/* A camera has no sound that is kept. */}
      <video src={source} controls autoPlay muted playsInline />
      <figcaption class="sub">
        {clip.camera}, {formatTime(clip.timeMs)}
        {clip.blurred && ', persons hidden'}
        {clip.codec === 'h265' && ', H.265: not every browser plays it'}{' '}
        <a href={source} download={`${device}-${clip.id}.mp4`}>
          Download
        </a>
      </figcaption>
    </figure>
  );
}
