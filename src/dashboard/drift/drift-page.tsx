import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { request } from '../api/client.ts';
import type { CameraDrift, DriftFleet, VerdictKind } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useSelected, useValue } from '../observable/value.ts';
import { useSession } from '../state/app.ts';
import { formatRoute, refine, route } from '../state/route.ts';
import { useNow } from '../state/use-element.ts';
import { cameraHealth } from '../ui/camera-health.ts';
import { count, formatDuration, formatNumber, formatShare } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { CameraHealthTag } from '../ui/status.tsx';
import { Table } from '../ui/table.tsx';
import { Choice, Empty, Figure, Loading, Panel, Problem, SearchField, Switch, Tag } from '../ui/widgets.tsx';
import { AlertsPanel } from './alert-list.tsx';
import { BeliefWords, CohortWords, GradeWords, Lasting, VerdictTag } from './incident.tsx';
import { chanceWords, cohortAdvice, cohortWords, stateWords } from './words.ts';

const verdicts: readonly (readonly [VerdictKind | '', string])[] = [
  ['', 'All'],
  ['sensor-fault', 'Sensor fault'],
  ['scene-change', 'Scene change'],
  ['label-shift', 'Label shift'],
  ['model-regression', 'Model regression'],
];
const pageSize = 200;

/** Which cameras are blind or have drifted, whose alarm it is, and what fires. */
export function DriftPage(): JSX.Element {
  const { fleet } = useSession();
  const query = useValue(route).query;
  const filter = {
    search: query.get('q') ?? '',
    group: query.get('group') ?? '',
    verdict: verdicts.find(([kind]) => kind === query.get('verdict'))?.[0] ?? '',
    alarmed: query.get('alarmed') === 'yes',
  };
  const answer = useAnswer(
    request('GET /drift', {
      query: {
        search: filter.search,
        group: filter.group,
        verdict: filter.verdict || undefined,
        alarmed: filter.alarmed ? true : undefined,
        limit: pageSize,
      },
    }),
    10_000,
  );
  const revision = useValue(fleet.driftRevision);
  useEffect(() => answer.reload(), [revision]);
  const change = (part: Partial<typeof filter>): void => {
    const next = { ...filter, ...part };
    refine({
      q: next.search,
      group: next.group,
      verdict: next.verdict,
      alarmed: next.alarmed ? 'yes' : '',
    });
  };
  const state = useValue(fleet.state);
  const groups =
    state.phase === 'ready' ? [...new Set(state.devices.flatMap((device) => device.groups))].sort() : [];
  const drift = answer.data;
  return (
    <>
      <h1 class="off-screen">Drift</h1>
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {drift && <DriftFigures drift={drift} />}
      <div class="drift-columns">
        <div class="drift-main">
          {drift && drift.cohorts.length > 0 && <SharedPanel drift={drift} />}
          <Panel title="Cameras" icon="camera" class="panel-flush">
            <div class="filters">
              <SearchField
                label="Search cameras"
                value={filter.search}
                onInput={(search) => change({ search })}
              />
              <Choice
                label="Verdict"
                value={filter.verdict}
                options={verdicts}
                onChange={(verdict) => change({ verdict: verdict as VerdictKind | '' })}
              />
              {groups.length > 0 && (
                <Choice
                  label="Group"
                  value={filter.group}
                  options={[['', 'All'], ...groups.map((group) => [group, group] as const)]}
                  onChange={(group) => change({ group })}
                />
              )}
              <Switch on={filter.alarmed} onChange={(alarmed) => change({ alarmed })}>
                <span class="choice-label">Only alarms</span>
              </Switch>
            </div>
            {drift === undefined ? (
              !answer.failure && <Loading what="cameras" />
            ) : drift.rows.length === 0 ? (
              <NoCameras filtered={drift.cameras > 0 || filter.search !== '' || filter.group !== ''} />
            ) : (
              <CameraTable rows={drift.rows} more={drift.next !== undefined} />
            )}
          </Panel>
        </div>
        <AlertsPanel />
      </div>
    </>
  );
}

function DriftFigures({ drift }: { drift: DriftFleet }): JSX.Element {
  const { fleet } = useSession();
  const stale = useValue(fleet.connection).state !== 'live';
  const open = drift.alarmed;
  const doubted = open - drift.believed;
  const firing = useValue(fleet.summary)?.alertsFiring ?? 0;
  return (
    <div class="figures drift-figures">
      <Figure
        name="Cameras watched"
        value={formatNumber(drift.watching)}
        unit={`of ${formatNumber(drift.cameras)}`}
        stale={stale}
        note="Sensor, scene and model, against a reference"
      />
      <Figure
        name="Without a reference"
        value={formatNumber(drift.sensorOnly + drift.learning)}
        stale={stale}
        note={
          drift.sensorOnly + drift.learning === 0
            ? 'Every enabled camera has one'
            : drift.learning === 0
              ? 'Model results are not watched'
              : `${count(drift.learning, 'camera')} learning`
        }
      />
      <Figure
        name="In alarm"
        value={formatNumber(drift.believed)}
        {...(drift.believed > 0 ? { tone: 'error' as const } : {})}
        stale={stale}
        note={[
          open === 0
            ? 'No alarm'
            : doubted === 0
              ? `At most ${formatShare(drift.falseDiscoveryRate, 0)} of them false, on average`
              : `and ${formatNumber(doubted)} that may be chance`,
          ...(drift.notices === 0 ? [] : [count(drift.notices, 'notice')]),
        ].join('; ')}
      />
      <Figure
        name="Alerts"
        value={formatNumber(firing)}
        {...(firing > 0 ? { tone: 'error' as const } : {})}
        stale={stale}
        note={firing === 0 ? 'No active alerts' : 'active'}
      />
    </div>
  );
}

/** What belongs together: one cause is looked for once. */
function SharedPanel({ drift }: { drift: DriftFleet }): JSX.Element {
  const now = useNow(10_000);
  return (
    <Panel title="Shared by many cameras" icon="fleet">
      <ul class="cohorts">
        {drift.cohorts.map(({ cohort, messages, incidents, alarms, sinceMs }) => (
          <li
            key={`${cohort.scope} ${cohort.name}`}
            class={`cohort ${alarms === 0 ? 'cohort-notice' : ''}`}
            data-grade={alarms === 0 ? 'notice' : 'alarm'}
          >
            <span class="cohort-share" aria-hidden="true">
              <span class="cohort-fill" style={{ width: `${(100 * cohort.alarmed) / cohort.cameras}%` }} />
            </span>
            <p class="cohort-name">
              <b>{cohortWords(cohort)}</b>{' '}
              <span class="nowrap">
                {cohort.alarmed} of {cohort.cameras} cameras
              </span>
            </p>
            <p class="cohort-what">
              {messages.slice(0, 3).join(', ')}
              {messages.length > 3 && ` and ${messages.length - 3} more`}, for {formatDuration(now - sinceMs)}
              {alarms === 0 && ', notices only'}
              {alarms > 0 && alarms < incidents && `, ${alarms} of ${incidents} in alarm`}
            </p>
            <p class="sub">
              By chance: {chanceWords(cohort.pValue)}. {cohortAdvice(cohort, alarms)}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NoCameras({ filtered }: { filtered: boolean }): JSX.Element {
  if (filtered) return <Empty icon="check" title="No camera matches these filters" />;
  return (
    <Empty icon="camera" title="No camera has reported yet">
      <p>Devices report their cameras when their agent starts.</p>
    </Empty>
  );
}

function CameraTable({ rows, more }: { rows: readonly CameraDrift[]; more: boolean }): JSX.Element {
  const now = useNow(5000);
  return (
    <>
      <div class="scroll-x">
        <Table
          class="plain-wide cameras"
          columns={['Camera', 'State', 'Share of threshold', 'Verdict', 'Believed', 'Scope', 'For']}
        >
          {rows.map((row) => (
            <CameraRow key={`${row.device}/${row.camera}`} row={row} now={now} />
          ))}
        </Table>
      </div>
      {more && <p class="sub table-note">The first {rows.length} are shown. Search for the others.</p>}
    </>
  );
}

function CameraRow({ row, now }: { row: CameraDrift; now: number }): JSX.Element {
  const { incident, online } = row;
  const { tone, word } = stateWords(row.state, row.learning, row.watched);
  const { fleet } = useSession();
  const device = useSelected(fleet.state, () => fleet.device(row.device));
  const health = device && cameraHealth(device, row.camera);
  return (
    <tr class={online ? '' : 'row-away'}>
      <th scope="row">
        <a href={formatRoute(['cameras', row.device, row.camera])}>
          {row.device} <span class="sub">{row.camera}</span>
        </a>
      </th>
      <td>
        {online && health?.state === 'blind' ? (
          <CameraHealthTag health={health} />
        ) : online ? (
          <Tag tone={tone} title={row.reason}>
            {word}
          </Tag>
        ) : (
          <Tag tone="idle" icon="offline">
            Offline
          </Tag>
        )}
      </td>
      <td>
        <Nearness score={online ? row.score : undefined} />
      </td>
      <td>
        {incident ? (
          <span class="verdict-cell">
            <VerdictTag incident={incident} />
            <GradeWords incident={incident} />
          </span>
        ) : (
          <Quiet row={row} well={health === undefined || health.state === 'ok'} />
        )}
      </td>
      <td>{incident && <BeliefWords incident={incident} />}</td>
      <td>{incident && <CohortWords incident={incident} />}</td>
      <td class="nowrap">{incident && <Lasting incident={incident} now={now} />}</td>
    </tr>
  );
}

function Quiet({ row, well }: { row: CameraDrift; well: boolean }): JSX.Element | null {
  if (row.wrongAnswer)
    return (
      <Tag tone="error" icon="error">
        Known answer wrong
      </Tag>
    );
  if (row.state === 'watching' && row.online && well)
    return (
      <span class="quiet">
        <Icon name="check" />
        OK
      </span>
    );
  return null;
}

/** From what is usual to the threshold of an alarm. */
function Nearness({ score }: { score: number | undefined }): JSX.Element {
  if (score === undefined) return <span class="sub">–</span>;
  const tone = score >= 1 ? 'error' : score >= 0.7 ? 'warning' : 'ok';
  return (
    <span class="nearness">
      <span class="nearness-track" aria-hidden="true">
        <span
          class={`nearness-bar nearness-${tone}`}
          style={{ width: `${(Math.min(1, Math.max(0, score)) * 100).toFixed(0)}%` }}
        />
      </span>
      <span class="nearness-value">{formatShare(Math.max(0, score), 0)}</span>
    </span>
  );
}
