import type { DeviceHealth } from '../../api/index.ts';
import type { Reported } from '../../protocol/index.ts';

/** What is known of a device, as far as its health depends on it. */
export interface HealthFacts {
  readonly online: boolean;
  readonly offlineReason: string | undefined;
  readonly cameras: readonly string[];
  readonly reported: Pick<Reported, 'deployment' | 'pipelines' | 'drift'> | undefined;
  /** Frames per second by camera, where a fresh value is known. */
  readonly fps: ReadonlyMap<string, number>;
}

/** A device is blind when none of its cameras that are on sees anything, and degraded when anything else is wrong. */
export function deviceHealth(facts: HealthFacts): DeviceHealth {
  const { online, offlineReason, reported } = facts;
  if (!online) return { state: 'offline', reasons: offlineReason === undefined ? [] : [offlineReason] };
  const watched = facts.cameras.filter((camera) => isOn(reported?.pipelines, camera));
  const unseeing = watched.flatMap((camera) => {
    const reason = whyUnseeing(facts, camera);
    return reason === undefined ? [] : [reason];
  });
  const reasons = [
    ...unseeing,
    ...watched.flatMap((camera) => otherFaults(facts, camera)),
    ...(reported?.deployment.state === 'failed'
      ? [
          `deployment failed${reported.deployment.reason === undefined ? '' : `: ${reported.deployment.reason}`}`,
        ]
      : []),
  ];
  if (watched.length > 0 && unseeing.length === watched.length) return { state: 'blind', reasons };
  return { state: reasons.length === 0 ? 'ok' : 'degraded', reasons };
}

/** A camera that the fleet switched off gives no frames, and nothing is wrong with it. */
function isOn(pipelines: Reported['pipelines'] | undefined, camera: string): boolean {
  return (pipelines?.[camera]?.enabled ?? pipelines?.['*']?.enabled) !== false;
}

function whyUnseeing({ reported, fps }: HealthFacts, camera: string): string | undefined {
  if (fps.get(camera) === 0) return `${camera}: no frames`;
  const verdict = reported?.drift?.[camera]?.incident?.verdict;
  if (verdict?.kind !== 'sensor-fault') return undefined;
  return `${camera}: ${verdict.detail ?? 'sensor fault'}`;
}

function otherFaults({ reported }: HealthFacts, camera: string): string[] {
  const status = reported?.drift?.[camera];
  const verdict = status?.incident?.verdict;
  return [
    ...(verdict === undefined || verdict.kind === 'sensor-fault'
      ? []
      : [`${camera}: ${verdict.kind}${verdict.detail === undefined ? '' : ` (${verdict.detail})`}`]),
    ...(status?.knownAnswer?.right === false ? [`${camera}: wrong answer to a known frame`] : []),
  ];
}
