import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { metricNames } from '../../api/index.ts';
import { request } from '../api/client.ts';
import type { DeviceDrift, DeviceSummary, DriftIncident, FleetEvent } from '../api/types.ts';
import { useAnswer } from '../api/use-answer.ts';
import { EvidenceFrame, EvidenceView, SignalTable } from '../drift/evidence.tsx';
import { BeliefWords, CohortWords, GradeWords, Lasting, VerdictTag } from '../drift/incident.tsx';
import { LearnDialog } from '../drift/learn-dialog.tsx';
import { cohortAdvice, signalWords, stateWords } from '../drift/words.ts';
import { useValue } from '../observable/value.ts';
import { mayActAs, useSession } from '../state/app.ts';
import { refine, route } from '../state/route.ts';
import { useTimeRange } from '../state/time-range.ts';
import { useNow } from '../state/use-element.ts';
import { cameraHealth } from '../ui/camera-health.ts';
import { formatAgo, formatFixed, formatShare, formatTime } from '../ui/format.ts';
import { RangeChoice } from '../ui/range-choice.tsx';
import { CameraHealthTag } from '../ui/status.tsx';
import { Table } from '../ui/table.tsx';
import { TimeChart } from '../ui/time-chart.tsx';
import { Choice, Empty, Loading, Panel, Problem, Tag } from '../ui/widgets.tsx';
import { alignSeries, strongestSignals } from './metrics.ts';
import { useHistory } from './use-history.ts';
import { useMarks } from './use-marked-events.ts';

type Camera = DeviceDrift['cameras'][number];

/** Drift of one device: what is wrong now, with its evidence, the signals over time, and what was before. */
export function DriftPanel(props: {
  device: DeviceSummary;
  only?: string;
  /** What the charts may mark. */
  events: readonly FleetEvent[];
}): JSX.Element {
  const { device, only, events } = props;
  const { fleet } = useSession();
  const answer = useAnswer(request('GET /devices/:id/drift', { params: { id: device.id } }), 15_000);
  const revision = useValue(fleet.driftRevision);
  useEffect(() => answer.reload(), [revision]);
  const wanted = useValue(route).query.get('camera');
  const cameras = answer.data?.cameras ?? [];
  // The one that was asked for, else the first in trouble.
  const name = only ?? wanted ?? cameras.find(({ open }) => open !== undefined)?.camera ?? cameras[0]?.camera;
  const camera = cameras.find((one) => one.camera === name) ?? cameras[0];
  return (
    <Panel
      title="Drift"
      icon="drift"
      class="drift-panel"
      aside={
        only === undefined && cameras.length > 1 && camera !== undefined ? (
          <Choice
            label="Camera"
            value={camera.camera}
            options={cameras.map((one) => [one.camera, one.open ? `${one.camera} (alarm)` : one.camera])}
            onChange={(camera) => refine({ camera })}
          />
        ) : undefined
      }
    >
      {answer.failure && <Problem failure={answer.failure} retry={answer.reload} />}
      {answer.loading ? (
        <Loading what="drift" />
      ) : camera === undefined ? (
        !answer.failure && <Empty icon="camera" title="The device has not reported a camera yet" />
      ) : (
        <CameraPart
          key={camera.camera}
          device={device}
          camera={camera}
          past={(answer.data?.incidents ?? []).filter(
            (one) => one.camera === camera.camera && one.endedMs !== undefined,
          )}
          events={events}
          history={(answer.data?.history ?? []).filter((one) => one.camera === camera.camera)}
        />
      )}
    </Panel>
  );
}

function CameraPart(props: {
  device: DeviceSummary;
  camera: Camera;
  past: readonly DriftIncident[];
  events: readonly FleetEvent[];
  history: DeviceDrift['history'];
}): JSX.Element {
  const { device, camera, past, events, history } = props;
  const { status, open } = camera;
  const now = useNow(5000);
  const learning = status?.learn?.state === 'learning' ? status.learn.progress : undefined;
  const { tone, word } = stateWords(status?.state, learning, status?.watched);
  const health = cameraHealth(device, camera.camera);
  const { me } = useSession();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <p class="drift-state">
        {health.state === 'blind' ? (
          <CameraHealthTag health={health} />
        ) : (
          <Tag tone={device.online ? tone : 'idle'}>{word}</Tag>
        )}
        <span class="drift-camera">{camera.camera}</span>
        {status?.reason !== undefined && <span class="sub">{status.reason}</span>}
        {status?.knownAnswer !== undefined && (
          <Tag
            tone={status.knownAnswer.right ? 'ok' : 'error'}
            icon={status.knownAnswer.right ? 'check' : 'error'}
            title={`A frame with a known answer ran through the live engine ${formatAgo(status.knownAnswer.timeMs, now)}: ${formatShare(status.knownAnswer.agreement, 0)} of the answer was found`}
          >
            {status.knownAnswer.right ? 'Known answer right' : 'Known answer wrong'}
          </Tag>
        )}
        {status !== undefined && learning === undefined && mayActAs(me, 'operator') && (
          <button type="button" class="button" onClick={() => setAsking(true)}>
            {open === undefined ? 'Learn again' : 'New normal? Learn it'}
          </button>
        )}
      </p>
      {asking && <LearnDialog device={device.id} camera={camera.camera} onClose={() => setAsking(false)} />}
      {open !== undefined && <OpenIncident device={device.id} incident={open} now={now} />}
      {status === undefined ? (
        <Empty icon="info" title="This device does not watch for drift" />
      ) : (
        <SignalCharts device={device.id} camera={camera.camera} events={events} />
      )}
      {open === undefined && status !== undefined && status.signals.length > 0 && (
        <details class="drift-more">
          <summary>All signals of the last evaluated second</summary>
          <SignalTable signals={byDeviation(status.signals)} />
        </details>
      )}
      {past.length > 0 && <PastIncidents incidents={past} now={now} />}
      {history.length > 1 && <StateHistory history={history} />}
    </>
  );
}

function OpenIncident(props: {
  device: string;
  incident: NonNullable<Camera['open']>;
  now: number;
}): JSX.Element {
  const { device, incident, now } = props;
  const [whole, setWhole] = useState(false);
  const label = `What ${incident.camera} showed: ${incident.message}`;
  return (
    <div
      class={`incident incident-${incident.grade === 'notice' ? 'notice' : incident.severity}`}
      data-incident={incident.verdict.kind}
    >
      {incident.view !== undefined && (
        <figure class="evidence">
          <EvidenceView view={incident.view} label={label} />
          <figcaption class="sub">Seen at {formatTime(incident.changedMs)}</figcaption>
        </figure>
      )}
      <div class="incident-facts">
        <p class="incident-verdict">
          <VerdictTag incident={incident} />
        </p>
        <dl class="facts">
          <dt>For</dt>
          <dd>
            <Lasting incident={incident} now={now} />
          </dd>
          <dt>Grade</dt>
          <dd>
            <GradeWords incident={incident} />
          </dd>
          <dt>Believed</dt>
          <dd>
            <BeliefWords incident={incident} />
          </dd>
          <dt>Scope</dt>
          <dd>
            <CohortWords incident={incident} />
          </dd>
        </dl>
        <p class="sub">
          {incident.grade === 'notice' && 'No harm is expected so far. '}
          {cohortAdvice(incident.cohort)}
        </p>
        {incident.frame !== undefined && !whole && (
          <button type="button" class="button" onClick={() => setWhole(true)}>
            Show the frame
          </button>
        )}
      </div>
      {incident.frame !== undefined && whole && (
        <EvidenceFrame device={device} frame={incident.frame} label={label} />
      )}
      {incident.signals.length > 0 && (
        <div class="incident-signals">
          <SignalTable signals={incident.signals} />
        </div>
      )}
    </div>
  );
}

function byDeviation<T extends { readonly deviations: number }>(signals: readonly T[]): T[] {
  return [...signals].sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations));
}

const colors = [1, 2, 3, 4] as const;

/** How near its threshold the camera was, and the signals that were farthest from usual. */
function SignalCharts(props: { device: string; camera: string; events: readonly FleetEvent[] }): JSX.Element {
  const { device, camera, events } = props;
  const asked = { device, range: useTimeRange(), labels: { camera } };
  const scoreHistory = useHistory({ ...asked, name: metricNames.driftScore });
  const signalHistory = useHistory({ ...asked, name: metricNames.driftSignal });
  const [scores, deviations] = [scoreHistory.data, signalHistory.data];
  const scoreMarks = useMarks(events, scores, camera);
  const deviationMarks = useMarks(events, deviations, camera);
  const score = useMemo(
    () =>
      scores === undefined
        ? { timeMs: [], values: [] }
        : alignSeries(scores.series, ['max'], 'max', Math.max(scores.stepMs, 60_000)),
    [scores],
  );
  const far = useMemo(() => strongestSignals(deviations?.series ?? [], colors.length), [deviations]);
  const signals = useMemo(() => {
    if (deviations === undefined) return { timeMs: [], lines: [] };
    const stepMs = Math.max(deviations.stepMs, 300_000);
    const columns = alignSeries(far, [], 'mean', stepMs);
    const lines = far.map((one, index) => {
      // Every signal on the times of all of them.
      const own = new Map(one.timeMs.map((time, place) => [time, one.last?.[place] ?? null]));
      return {
        name: signalWords(one.labels.signal ?? ''),
        color: colors[index % colors.length] ?? 1,
        values: columns.timeMs.map((time) => own.get(time) ?? null),
      };
    });
    return { timeMs: columns.timeMs, lines };
  }, [deviations, far]);
  return (
    <>
      <div class="drift-span">
        <RangeChoice label="Time span of the signals" />
      </div>
      <div class="charts drift-charts">
        <TimeChart
          label="Distance to threshold"
          events={scoreMarks}
          timeMs={score.timeMs}
          lines={[{ name: 'of its threshold', color: 1, values: score.values[0] ?? [], fill: true }]}
          format={(value) => formatShare(value, 0)}
          history={scoreHistory}
          mark={1}
          empty="It is recorded every minute while the camera is watched."
        />
        <TimeChart
          label="Largest deviations"
          events={deviationMarks}
          timeMs={signals.timeMs}
          lines={signals.lines}
          format={(value) => formatFixed(value, 1)}
          history={signalHistory}
          signed
          empty="They are recorded every five minutes while the camera is watched."
        />
      </div>
    </>
  );
}

/** When the watch was learning, watching, or had no reference. */
function StateHistory({ history }: { history: DeviceDrift['history'] }): JSX.Element {
  return (
    <details class="drift-more">
      <summary>Watch history</summary>
      <ol class="state-history">
        {history.map(({ timeMs, state, reason }) => (
          <li key={timeMs}>
            <time class="sub" dateTime={new Date(timeMs).toISOString()}>
              {formatTime(timeMs)}
            </time>
            <Tag tone={stateWords(state).tone}>{stateWords(state).word}</Tag>
            {reason !== undefined && <span class="sub">{reason}</span>}
          </li>
        ))}
      </ol>
    </details>
  );
}

function PastIncidents(props: { incidents: readonly DriftIncident[]; now: number }): JSX.Element {
  return (
    <details class="drift-more">
      <summary>Earlier incidents ({props.incidents.length})</summary>
      <div class="scroll-x">
        <Table class="plain-wide" columns={['Began', 'Verdict', 'Grade', 'Believed', 'Scope']}>
          {props.incidents.map((incident) => (
            <tr key={incident.id}>
              <td class="nowrap">
                <Lasting incident={incident} now={props.now} />
              </td>
              <td>
                <VerdictTag incident={incident} />
              </td>
              <td>
                <GradeWords incident={incident} />
              </td>
              <td>
                <BeliefWords incident={incident} />
              </td>
              <td>
                <CohortWords incident={incident} />
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </details>
  );
}
