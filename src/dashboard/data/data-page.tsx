import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { request } from '../api/client.ts';
import type { DriftFleet } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { formatRoute, refine, route } from '../state/route.ts';
import { count, formatBytes } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem, SearchField, Segments, Tag } from '../ui/widgets.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { dataViews, type FrameFilter, readFilter } from './filter.ts';
import { FrameGrid } from './frame-grid.tsx';
import { FramesPage } from './frames-page.tsx';
import type { FrameSource } from './use-frames.ts';

/** Pictures that devices kept to learn from: which cameras have some, and the frames to look through. */
export function DataPage(): JSX.Element {
  const query = useValue(route).query;
  const filter = readFilter(query);
  if (filter.device !== '') return <FramesPage key={filter.device} filter={filter} />;
  return (
    <>
      <header class="page-head">
        <h1>Data</h1>
        <Segments
          label="Show as"
          options={dataViews}
          chosen={filter.view}
          choose={(view) => refine({ ...filter, view })}
        />
      </header>
      {filter.view === 'frames' ? <FramesOfAll filter={filter} /> : <KeepingCameras filter={filter} />}
    </>
  );
}

const mostShown = 200;

function Choices({ filter, rows }: { filter: FrameFilter; rows: DriftFleet['rows'] }): JSX.Element {
  const { me } = useSession();
  const [exporting, setExporting] = useState(false);
  const devices = [...new Set(rows.filter(({ online }) => online).map(({ device }) => device))];
  return (
    <>
      <SearchField label="Search cameras" value={filter.q} onInput={(q) => refine({ ...filter, q })} />
      {mayActAs(me, 'operator') && devices.length > 0 && (
        <button type="button" class="button" onClick={() => setExporting(true)}>
          Export {count(devices.length, 'device')}
        </button>
      )}
      {exporting && (
        <ExportDialog
          devices={devices}
          filter={{ camera: '', reason: filter.reason }}
          onClose={() => setExporting(false)}
        />
      )}
    </>
  );
}

/** Frames of whichever devices are online and keep some. */
function FramesOfAll({ filter }: { filter: FrameFilter }): JSX.Element {
  const answer = useAnswer(keeping(filter));
  const sources = useMemo(
    () =>
      (answer.data?.rows ?? [])
        .filter(({ online }) => online)
        .map(({ device, camera }): FrameSource => ({ device, camera })),
    [answer.data],
  );
  if (answer.failure) return <Problem failure={answer.failure} retry={answer.reload} />;
  if (answer.loading) return <Loading what="cameras" />;
  return (
    <FrameGrid
      sources={sources}
      filter={filter}
      choices={<Choices filter={filter} rows={answer.data?.rows ?? []} />}
    />
  );
}

const keeping = ({ q }: FrameFilter) =>
  request('GET /drift', { query: { frames: true, search: q || undefined, limit: mostShown } });

function KeepingCameras({ filter }: { filter: FrameFilter }): JSX.Element {
  const answer = useAnswer(keeping(filter), 30_000);
  const rows = [...(answer.data?.rows ?? [])].sort(
    (a, b) => (b.hardFrames?.count ?? 0) - (a.hardFrames?.count ?? 0),
  );
  return (
    <Panel title="Cameras with kept frames" icon="data" class="panel-flush">
      <div class="filters">
        <Choices filter={filter} rows={rows} />
      </div>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading && <Loading what="cameras" />}
      {answer.data && rows.length === 0 && (
        <Empty icon="data" title={filter.q === '' ? 'No camera keeps frames yet' : 'No camera matches'}>
          <p>A device keeps the frames of alarms, uncertain ones and a random sample once you ask it to:</p>
          <pre>goshawk frame keep --device gate-north</pre>
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          class="plain-wide"
          columns={['Camera', 'Groups', { title: 'Frames', number: true }, { title: 'Size', number: true }]}
        >
          {rows.map(({ device, camera, groups, online, hardFrames }) => (
            <tr key={`${device}/${camera}`}>
              <th scope="row">
                <a href={formatRoute(['data'], { device, camera })}>
                  {device} <span class="sub">{camera}</span>
                </a>{' '}
                {!online && (
                  <Tag tone="idle" icon="offline">
                    Offline
                  </Tag>
                )}
              </th>
              <td>{groups.join(', ')}</td>
              <td class="number">{hardFrames?.count}</td>
              <td class="number">{formatBytes(hardFrames?.bytes)}</td>
            </tr>
          ))}
        </Table>
      )}
      {answer.data?.next !== undefined && (
        <p class="sub">Shows {count(mostShown, 'camera')}. Search to find others.</p>
      )}
    </Panel>
  );
}
