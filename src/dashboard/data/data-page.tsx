import type { JSX } from 'preact';
import { request } from '../api/client.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useValue } from '../observable/value.ts';
import { formatRoute, refine, route } from '../state/route.ts';
import { count, formatBytes } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { Empty, Loading, Panel, Problem, SearchField, Tag } from '../ui/widgets.tsx';
import { readFilter } from './filter.ts';
import { FramesPage } from './frames-page.tsx';

/** Pictures that devices kept to learn from: which cameras have some, and those of one device to look through. */
export function DataPage(): JSX.Element {
  const query = useValue(route).query;
  const filter = readFilter(query);
  if (filter.device !== '') return <FramesPage key={filter.device} filter={filter} />;
  return <KeepingCameras search={query.get('q') ?? ''} />;
}

const mostShown = 200;

function KeepingCameras({ search }: { search: string }): JSX.Element {
  const answer = useAnswer(
    request('GET /drift', { query: { frames: true, search: search || undefined, limit: mostShown } }),
    30_000,
  );
  const rows = [...(answer.data?.rows ?? [])].sort(
    (a, b) => (b.hardFrames?.count ?? 0) - (a.hardFrames?.count ?? 0),
  );
  return (
    <>
      <header class="page-head">
        <h1>Data</h1>
      </header>
      <Panel title="Cameras with kept frames" icon="data" class="panel-flush">
        <div class="filters">
          <SearchField label="Search cameras" value={search} onInput={(q) => refine({ q })} />
        </div>
        {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
        {answer.loading && <Loading what="cameras" />}
        {answer.data && rows.length === 0 && (
          <Empty icon="data" title={search === '' ? 'No camera keeps frames yet' : 'No camera matches'}>
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
    </>
  );
}
