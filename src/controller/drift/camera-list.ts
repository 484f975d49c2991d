import type { CameraDrift, DriftCameraQuery, DriftFleet, DriftIncident } from '../../api/index.ts';
import { defined } from '../../base/index.ts';
import { cameraKey, causeOf } from './incident.ts';

const severities = ['info', 'warning', 'error', 'critical'];

/** Those of the cameras that fit, worst first, a page of them; counts and cohorts are over all that fit the search. */
export function pageOfCameras(
  cameras: readonly CameraDrift[],
  query: DriftCameraQuery,
  falseDiscoveryRate: number,
): DriftFleet {
  const search = query.search?.toLowerCase();
  const all = cameras.filter(
    (row) => search === undefined || cameraKey(row.device, row.camera).toLowerCase().includes(search),
  );
  const rows = all
    .filter((row) => query.alarmed !== true || row.incident?.grade === 'alarm')
    .filter((row) => query.frames !== true || (row.hardFrames?.count ?? 0) > 0)
    .filter((row) => query.grade === undefined || row.incident?.grade === query.grade)
    .filter((row) => query.verdict === undefined || row.incident?.verdict.kind === query.verdict)
    .sort(worstFirst);
  const from =
    query.after === undefined
      ? 0
      : rows.findIndex((row) => cameraKey(row.device, row.camera) === query.after) + 1;
  const page = rows.slice(from, from + (query.limit ?? 100));
  const last = page.at(-1);
  const next =
    from + page.length < rows.length && last !== undefined ? cameraKey(last.device, last.camera) : undefined;
  const countIn = (state: CameraDrift['state']) => all.filter((row) => row.state === state).length;
  const open = all.flatMap(({ incident }) => incident ?? []);
  const alarms = open.filter(({ grade }) => grade === 'alarm');
  return {
    cameras: all.length,
    watching: countIn('watching'),
    learning: countIn('learning'),
    sensorOnly: countIn('sensor-only'),
    off: countIn('off'),
    alarmed: alarms.length,
    notices: open.length - alarms.length,
    believed: alarms.filter((incident) => incident.believed).length,
    cohorts: cohortsOf(open),
    falseDiscoveryRate,
    rows: page,
    ...defined({ next }),
  };
}

function worstFirst(a: CameraDrift, b: CameraDrift): number {
  const weight = ({ incident }: CameraDrift) =>
    incident === undefined
      ? -1
      : severities.indexOf(incident.severity) +
        (incident.believed ? 10 : 0) +
        (incident.grade === 'alarm' ? 100 : 0);
  const order = weight(b) - weight(a);
  if (order !== 0) return order;
  return cameraKey(a.device, a.camera) < cameraKey(b.device, b.camera) ? -1 : 1;
}

/** Incidents that belong together and have one cause, without those of one camera. */
function cohortsOf(open: readonly DriftIncident[]): DriftFleet['cohorts'] {
  const found = new Map<string, DriftFleet['cohorts'][number]>();
  for (const { cohort, message, startedMs, grade, verdict } of open) {
    if (cohort.scope === 'camera') continue;
    const key = `${cohort.scope} ${cohort.name} ${causeOf(verdict)}`;
    const known = found.get(key);
    const alarms = grade === 'alarm' ? 1 : 0;
    if (known === undefined)
      found.set(key, { cohort, messages: [message], incidents: 1, alarms, sinceMs: startedMs });
    else {
      known.incidents += 1;
      known.alarms += alarms;
      known.sinceMs = Math.min(known.sinceMs, startedMs);
      if (!known.messages.includes(message)) known.messages.push(message);
      if (cohort.alarmed > known.cohort.alarmed) known.cohort = cohort;
    }
  }
  const hasAlarms = ({ alarms }: { readonly alarms: number }) => (alarms > 0 ? 1 : 0);
  return [...found.values()].sort(
    (a, b) => hasAlarms(b) - hasAlarms(a) || b.cohort.cameras - a.cohort.cameras,
  );
}
