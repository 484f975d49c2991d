import type { DeviceHealth, DeviceProblem } from '../../api/index.ts';
import { type Desired, mainSlot, type Reported } from '../../protocol/index.ts';

/** What is known of a device, as far as its health depends on it. */
export interface HealthFacts {
  readonly online: boolean;
  readonly offlineReason: string | undefined;
  /** Versions that rollouts left it with without a verdict. */
  readonly unjudged: readonly string[];
  readonly cameras: readonly string[];
  readonly reported:
    | Pick<Reported, 'generation' | 'slots' | 'pipelines' | 'drift' | 'cameras' | 'robot' | 'trust'>
    | undefined;
  /** What it was told last. */
  readonly desired: Pick<Desired, 'generation' | 'slots'> | undefined;
  /** By the clock of the controller. */
  readonly wallMs: number;
  /** Frames per second by camera, where a fresh value is known. */
  readonly fps: ReadonlyMap<string, number>;
  /** Of the folder that the agent writes to, where a fresh value is known. */
  readonly disk: { readonly freeBytes: number; readonly sizeBytes: number } | undefined;
}

/** A camera that reaches less than this share of its target rate misses it: a window of some seconds is never exact. */
const reachedShare = 0.8;
/** Less free than this, or than a tenth of a disk that is small, is low. */
const lowDiskBytes = 1e9;
const lowDiskShare = 0.1;
/** Two clocks are never the same; what matters to metadata that is good for a week is days. */
const aheadMs = 86_400_000;

/** A device is blind when none of its cameras that are on sees anything, and degraded when anything else is wrong. */
export function deviceHealth(facts: HealthFacts): DeviceHealth {
  const { online, offlineReason, reported } = facts;
  if (!online)
    return { state: 'offline', reasons: offlineReason === undefined ? [] : [offlineReason], problems: [] };
  const problems = problemsOf(facts);
  const reasons = problems.map(({ camera, what }) => (camera === undefined ? what : `${camera}: ${what}`));
  const watched = facts.cameras.filter((camera) => isOn(reported?.pipelines, camera));
  const blind = problems.filter(({ kind }) => kind === 'blind').length;
  if (watched.length > 0 && blind === watched.length) return { state: 'blind', reasons, problems };
  return { state: reasons.length === 0 ? 'ok' : 'degraded', reasons, problems };
}

/** The worst first: blind cameras, then other faults of cameras, then the device. */
function problemsOf(facts: HealthFacts): DeviceProblem[] {
  const { reported } = facts;
  const watched = facts.cameras.filter((camera) => isOn(reported?.pipelines, camera));
  const blind = watched.flatMap((camera) => blindness(facts, camera) ?? []);
  return [
    ...blind,
    ...watched.flatMap((camera) => otherFaults(facts, camera)),
    ...watched
      .filter((camera) => !blind.some((one) => one.camera === camera))
      .flatMap((camera) => missedRate(facts, camera) ?? []),
    ...failedSlots(reported?.slots),
    ...unprovenSlots(reported?.slots),
    ...facts.unjudged.map((what) => ({ kind: 'unproven' as const, what })),
    ...ignoredOrder(facts),
    ...withdrawnModels(reported?.trust),
    ...timeAhead(facts),
    ...lowDisk(facts.disk),
    ...robotFaults(reported?.robot),
  ];
}

/** A camera that the fleet switched off gives no frames, and nothing is wrong with it. */
function isOn(pipelines: Reported['pipelines'] | undefined, camera: string): boolean {
  return (pipelines?.[camera]?.enabled ?? pipelines?.['*']?.enabled) !== false;
}

function blindness({ reported, fps }: HealthFacts, camera: string): DeviceProblem | undefined {
  // Its device leaves it out on purpose, and says so.
  if (reported?.cameras?.[camera]?.leftOut === true) return undefined;
  const fault = reported?.cameras?.[camera]?.fault;
  const incident = reported?.drift?.[camera]?.incident;
  const faulty = incident?.verdict.kind === 'sensor-fault' ? incident : undefined;
  const since = faulty === undefined ? {} : { sinceMs: faulty.sinceMs };
  if (fps.get(camera) === 0)
    return {
      kind: 'blind',
      camera,
      what: fault === undefined ? 'no frames' : `no frames: ${fault}`,
      ...since,
    };
  if (faulty === undefined) return undefined;
  return { kind: 'blind', camera, what: faulty.verdict.detail ?? 'sensor fault', ...since };
}

function otherFaults({ reported }: HealthFacts, camera: string): DeviceProblem[] {
  const status = reported?.drift?.[camera];
  const incident = status?.incident;
  const verdict = incident?.verdict;
  // A notice says that something changed and that no harm is expected.
  const drifts = incident !== undefined && verdict?.kind !== 'sensor-fault' && incident.grade === 'alarm';
  return [
    ...(drifts && verdict !== undefined
      ? [
          {
            kind: 'drift' as const,
            camera,
            what: `${verdict.kind}${verdict.detail === undefined ? '' : ` (${verdict.detail})`}`,
            sinceMs: incident.sinceMs,
          },
        ]
      : []),
    ...(status?.knownAnswer?.right === false
      ? [{ kind: 'wrong-answer' as const, camera, what: 'wrong answer to a known frame' }]
      : []),
  ];
}

function missedRate({ reported, fps }: HealthFacts, camera: string): DeviceProblem | undefined {
  const report = reported?.cameras?.[camera];
  const target = report?.targetFps;
  const reached = fps.get(camera);
  const missed = report?.missed?.what;
  // Who promised a latency wants to hear of every miss of it; its device alone knows that one, and what a zone holds.
  if (missed !== undefined && (report?.maxLatencyMs ?? report?.targetZone) !== undefined)
    return { kind: 'rate-missed', camera, what: missed };
  if (report?.targetZone !== undefined) return undefined;
  if (target === undefined || reached === undefined || reached >= target * reachedShare) return undefined;
  const numbers = `${oneDigit(reached)} of ${oneDigit(target)} frames/s`;
  return { kind: 'rate-missed', camera, what: missed ?? numbers };
}

function failedSlots(slots: Reported['slots'] = {}): DeviceProblem[] {
  return Object.entries(slots)
    .filter(([, { deployment }]) => deployment.state === 'failed')
    .map(
      ([
        slot,
        {
          deployment: { reason },
        },
      ]) => {
        const what = `deployment failed${reason === undefined ? '' : `: ${reason}`}`;
        return { kind: 'deployment-failed', what: slot === mainSlot ? what : `slot ${slot}: ${what}` };
      },
    );
}

function unprovenSlots(slots: Reported['slots'] = {}): DeviceProblem[] {
  return Object.entries(slots).flatMap(
    ([
      slot,
      {
        deployment: { state, outcome, reason },
      },
    ]) => {
      if (state !== 'committed' || outcome !== 'unproven') return [];
      const what = reason ?? 'kept without evidence';
      return [{ kind: 'unproven' as const, what: slot === mainSlot ? what : `slot ${slot}: ${what}` }];
    },
  );
}

/** A device that has not taken the newest order yet is on its way; one that has, or says that it has a later one, must run it. */
function ignoredOrder({ reported, desired }: HealthFacts): DeviceProblem[] {
  if (reported === undefined || desired === undefined || reported.generation < desired.generation) return [];
  const others = Object.entries(desired.slots ?? {}).flatMap(([slot, { model }]) => {
    const { loaded, deployment } = reported.slots[slot] ?? {};
    if (deployment?.state !== 'committed' || loaded?.digest === model.digest) return [];
    const runs = loaded === undefined ? 'no model' : `${loaded.name} ${loaded.version}`;
    const where = slot === mainSlot ? '' : `slot ${slot}: `;
    return [`${where}${runs} runs, ordered is ${model.name} ${model.version}`];
  });
  const foreign =
    reported.generation === desired.generation
      ? []
      : [
          `it acts on order ${reported.generation}, which this controller did not give; its own is ${desired.generation}`,
        ];
  const what = [...foreign, ...others].join('; ');
  return what === '' ? [] : [{ kind: 'order-ignored', what: `order not followed: ${what}` }];
}

function withdrawnModels(trust: Reported['trust']): DeviceProblem[] {
  return (trust?.withdrawn ?? []).map(({ slot, what }) => ({
    kind: 'model-withdrawn',
    what: slot === mainSlot ? what : `slot ${slot}: ${what}`,
  }));
}

function timeAhead({ reported, wallMs }: HealthFacts): DeviceProblem[] {
  const byMs = (reported?.trust?.knownMs ?? 0) - wallMs;
  if (byMs <= aheadMs) return [];
  const days = Math.round(byMs / 86_400_000);
  return [
    {
      kind: 'time-ahead',
      what: `time ahead: by what it knows it is ${days} ${days === 1 ? 'day' : 'days'} later; it takes no model once metadata has expired by then. Correct its clock, or have the owners sign a new root (goshawk keys renew)`,
    },
  ];
}

function lowDisk(disk: HealthFacts['disk']): DeviceProblem[] {
  if (disk === undefined || disk.freeBytes >= Math.min(lowDiskBytes, disk.sizeBytes * lowDiskShare))
    return [];
  return [{ kind: 'disk-low', what: `disk low: ${Math.round(disk.freeBytes / 1e6)} MB free` }];
}

/** A warning is in what the device reports, and no fault. */
const mostRobotFaults = 5;

function robotFaults(robot: Reported['robot'] | undefined): DeviceProblem[] {
  return (robot?.problems ?? [])
    .filter(({ level }) => level === 'error')
    .slice(0, mostRobotFaults)
    .map(({ name, message, sinceMs }) => ({
      ...{ kind: 'robot-fault', sinceMs },
      what: `robot: ${name}${message === '' ? '' : `: ${message}`}`,
    }));
}

function oneDigit(value: number): string {
  return String(Number(value.toFixed(1)));
}
