import type {
  AlertCondition,
  AlertScope,
  DeviceHealth,
  DeviceProblem,
  DriftIncident,
} from '../../api/index.ts';
import { defined, ExponentialHistogram } from '../../base/index.ts';
import { causeOf } from '../drift/incident.ts';
import type { Device } from '../fleet/device.ts';
import type { Latest } from '../fleet/latest.ts';

/** The result of a condition for one subject now. Undefined: unknown, so the state stays. */
export interface Observation {
  readonly subject: string;
  readonly holds: boolean | undefined;
  /** Empty where it does not hold: most never do, and nobody reads it. */
  readonly summary: string;
  readonly device?: string;
  /** All devices that it is about, where it is about more than one. */
  readonly devices?: readonly string[];
  readonly camera?: string;
  readonly incident?: string;
  readonly value?: number;
}

export function inScope(scope: AlertScope, device: string, groups: readonly string[]): boolean {
  if (scope.groups.length === 0 && scope.devices.length === 0) return true;
  return scope.devices.includes(device) || groups.some((group) => scope.groups.includes(group));
}

type DriftCondition = Extract<AlertCondition, { kind: 'drift' }>;

/** For an incident. A rule without grades is about alarms: a notice has no known harm. */
export function fits(
  { verdicts = [], details = [], grades = ['alarm'], cohorts = [], unbelieved = false }: DriftCondition,
  incident: DriftIncident,
): boolean {
  return (
    (unbelieved || incident.believed) &&
    grades.includes(incident.grade) &&
    (verdicts.length === 0 || verdicts.includes(incident.verdict.kind)) &&
    (details.length === 0 || details.includes(incident.verdict.detail ?? '')) &&
    (cohorts.length === 0 || cohorts.includes(incident.cohort.scope))
  );
}

/**
 * The open incidents that fit, as subjects. What a whole cohort shares is one subject for each cause: a site that goes dark
 * is one message and not five hundred, and a frozen camera there is another one.
 */
export function observeDrift(condition: DriftCondition, open: readonly DriftIncident[]): Observation[] {
  const found = new Map<
    string,
    { first: DriftIncident; messages: Set<string>; cameras: string[]; devices: string[] }
  >();
  for (const incident of open) {
    if (!fits(condition, incident)) continue;
    const { scope, name } = incident.cohort;
    const own = scope === 'camera';
    const cohort = scope === 'everyone' ? scope : `${scope}:${name}`;
    const subject = own ? `${incident.device}/${incident.camera}` : `${cohort} ${causeOf(incident.verdict)}`;
    const known = found.get(subject);
    if (known === undefined)
      found.set(subject, {
        ...{ first: incident, messages: new Set([incident.message]) },
        ...{ cameras: [subject], devices: [incident.device] },
      });
    else {
      known.messages.add(incident.message);
      known.cameras.push(`${incident.device}/${incident.camera}`);
      known.devices.push(incident.device);
    }
  }
  return [...found].map(([subject, { first, messages, cameras, devices }]) => {
    const own = first.cohort.scope === 'camera';
    return {
      subject,
      holds: true,
      summary: own
        ? `${subject}: ${first.message}${gradeText(first)}`
        : `${cohortText(first)}: ${[...messages].join(', ')} on ${cameras.length} of ${first.cohort.cameras} cameras${first.grade === 'notice' ? ' (notice)' : ''}`,
      incident: first.id,
      ...(own ? {} : { devices }),
      ...(own ? { device: first.device, camera: first.camera } : {}),
      ...(first.cohort.scope === 'device' ? { device: first.device } : {}),
    };
  });
}

/** ` (notice)`, ` (about 30 % of its accuracy)`; nothing where the loss is unknown. */
function gradeText({ grade, expectedLoss }: DriftIncident): string {
  if (grade === 'notice') return ' (notice)';
  return expectedLoss === undefined ? '' : ` (about ${Math.round(expectedLoss * 100)} % of its accuracy)`;
}

/** `group west`, `model a1b2c3d4e5f6`, `the whole fleet`. */
export function cohortText({ cohort: { scope, name } }: DriftIncident): string {
  if (scope === 'everyone') return 'the whole fleet';
  return `${scope} ${scope === 'model' ? name.replace('sha256:', '').slice(0, 12) : name}`;
}

/** `known`: the controller is connected to the broker, so that silence is the device's own. */
export function observeOffline(device: Device, known: boolean): Observation {
  const holds = known ? !device.online : undefined;
  const reason = device.offlineReason === undefined ? '' : ` (${device.offlineReason})`;
  return {
    subject: device.id,
    device: device.id,
    holds,
    summary: holds === true ? `${device.id} is offline${reason}` : '',
  };
}

type HealthCondition = Extract<AlertCondition, { kind: 'health' }>;

/** Faults of an online device, one subject for each camera; unknown for an offline one. */
export function observeHealth(
  { problems: wanted = [] }: HealthCondition,
  device: string,
  { problems }: DeviceHealth,
): Observation[] {
  const found = new Map<string, DeviceProblem[]>();
  for (const problem of problems) {
    if (wanted.length > 0 && !wanted.includes(problem.kind)) continue;
    const subject = problem.camera === undefined ? device : `${device}/${problem.camera}`;
    found.set(subject, [...(found.get(subject) ?? []), problem]);
  }
  return [...found].map(([subject, about]) => {
    const camera = about[0]?.camera;
    return {
      subject,
      device,
      holds: true,
      summary: `${subject}: ${about.map(({ what }) => what).join('; ')}`,
      ...defined({ camera }),
    };
  });
}

/** A model that answers golden frames wrong on the live engine, as its device reported last. */
export function observeWrongAnswer(device: Device): Observation {
  const answers = Object.values(device.reported?.drift ?? {}).flatMap(({ knownAnswer }) => knownAnswer ?? []);
  const wrong = answers.find(({ right }) => !right);
  const share =
    wrong === undefined ? '' : `: ${Math.round(wrong.agreement * 100)} % of what is known came out`;
  return {
    subject: device.id,
    device: device.id,
    holds: device.online && answers.length > 0 ? wrong !== undefined : undefined,
    summary: `${device.id} answers a known frame wrong${share}`,
  };
}

export type MetricCondition = Extract<AlertCondition, { kind: 'metric' }>;
/**
 * What is older says nothing about now: a device sends its slowest gauges every five minutes, its counts every few seconds,
 * and both more rarely where it announced so.
 */
const staleMs = { gauge: 660_000, histogram: 90_000 } as const;

/**
 * The series that a condition is about, by subject: `cam-7/front`, or the device where the metric has no camera. Model and
 * version change with a deployment and make no other subject.
 */
export function seriesBySubject(condition: MetricCondition, device: Device): Map<string, Latest[]> {
  const wanted = Object.entries(condition.labels ?? {});
  const found = new Map<string, Latest[]>();
  for (const latest of device.latest.values()) {
    const { series } = latest;
    if (series.name !== condition.name) continue;
    if (!wanted.every(([key, value]) => series.labels[key] === value)) continue;
    const { model: _model, version: _version, camera, ...labels } = series.labels;
    const place = camera === undefined ? device.id : `${device.id}/${camera}`;
    const rest = Object.entries(labels).filter(([key]) => condition.labels?.[key] === undefined);
    const subject = [place, ...rest.map(([key, label]) => `${key}=${label}`)].join(' ');
    const known = found.get(subject);
    if (known === undefined) found.set(subject, [latest]);
    else known.push(latest);
  }
  return found;
}

/** The newest values. Of a running total nobody knows anything this way. `nowMs` is monotonic. */
export function observeMetric(condition: MetricCondition, device: Device, nowMs: number): Observation[] {
  const newest = [...seriesBySubject(condition, device)].flatMap(([subject, found]) => {
    const latest = found.reduce((a, b) => (b.timeMs >= a.timeMs ? b : a));
    return latest.series.kind === 'counter' ? [] : [[subject, latest] as const];
  });
  return newest.map(([subject, latest]) => {
    const value = readingOf(condition, latest);
    const age = nowMs - latest.heardMs;
    const leastMs = staleMs[latest.window === undefined ? 'gauge' : 'histogram'];
    const fresh = device.online && age <= device.patienceMs(leastMs);
    const { camera } = latest.series.labels;
    const holds = fresh && value !== undefined ? isBeyond(condition, value) : undefined;
    return {
      subject,
      device: device.id,
      holds,
      summary:
        holds === true
          ? `${subject}: ${condition.name} is ${numberText(value)}, ${boundText(condition)}`
          : '',
      ...defined({ camera, value }),
    };
  });
}

function readingOf({ statistic = 'p50' }: MetricCondition, { value, window }: Latest): number | undefined {
  if (window === undefined) return value;
  const merged = ExponentialHistogram.of(window.current, window.previous);
  return merged.quantile({ value: 0.5, p50: 0.5, p95: 0.95, p99: 0.99 }[statistic]);
}

export function isBeyond({ above, below }: MetricCondition, value: number): boolean {
  return (above !== undefined && value > above) || (below !== undefined && value < below);
}

export function boundText({ above, below }: MetricCondition): string {
  return above === undefined ? `below ${numberText(below)}` : `above ${numberText(above)}`;
}

export function numberText(value: number | undefined): string {
  return value === undefined ? 'unknown' : String(Number(value.toPrecision(4)));
}
