import { type HealthState, healthStates } from '../../api/index.ts';
import type { DeviceSummary } from '../api/types.ts';
import type { Tone } from './tone.ts';

/** How one camera is, in the words of the health of its device. */
export interface CameraHealth {
  readonly state: HealthState;
  readonly tone: Tone;
  readonly words: string;
  /** What is wrong with it, the worst first. */
  readonly what: readonly string[];
  readonly sinceMs: number | undefined;
}

export function cameraHealth(
  { online, health }: Pick<DeviceSummary, 'online' | 'health'>,
  camera: string,
): CameraHealth {
  const problems = online ? health.problems.filter((one) => one.camera === camera) : [];
  const isBlind = problems.some(({ kind }) => kind === 'blind');
  const state = !online ? 'offline' : isBlind ? 'blind' : problems.length > 0 ? 'degraded' : 'ok';
  const { tone, words } = healthStates[state];
  const ordered = [...problems].sort((a, b) => Number(b.kind === 'blind') - Number(a.kind === 'blind'));
  return { state, tone, words, what: ordered.map(({ what }) => what), sinceMs: ordered[0]?.sinceMs };
}
