import { binomialAtLeast } from './binomial.ts';

/** One camera that is watched in the window. */
export interface CohortMember {
  readonly camera: string;
  /** Empty for a device with one camera, which is no cohort. */
  readonly device: string;
  readonly groups: readonly string[];
  /** Digest of the model that serves it. */
  readonly model: string | undefined;
}

export type CohortScope = 'camera' | 'device' | 'group' | 'model' | 'everyone';

export interface Cohort {
  readonly scope: CohortScope;
  /** Name of the camera, device or group, digest of the model; empty for everyone. */
  readonly name: string;
  readonly cameras: number;
  readonly alarmed: number;
}

export interface CohortVerdict extends Cohort {
  /**
   * Probability that the other cameras of this cohort fell together by chance, over all cohorts that were tried; 1 for
   * a camera alone.
   */
  readonly pValue: number;
  /** Other cohorts of the very same cameras: nothing can tell them apart. */
  readonly sameAs: readonly Pick<Cohort, 'scope' | 'name'>[];
}

export interface CohortOptions {
  /** Probability that a healthy camera raises such an alarm in the window. */
  readonly background: number;
  /** Chance of calling a coincidence a cohort, for one alarm. */
  readonly alpha: number;
  /** A cohort shares an alarm when at least so many of its cameras do. */
  readonly share: number;
}

export const defaultCohortOptions = { alpha: 0.01, share: 0.5 } as const;

const scopes: readonly CohortScope[] = ['camera', 'device', 'group', 'model', 'everyone'];

/**
 * Is it this camera alone, its device, its site, its model, or everyone?
 *
 * THE RULE. Given that this camera raised an alarm, a cohort of n cameras of which k did shares it when
 *  1. P(X >= k - 1) <= alpha / cohorts, X binomial(n - 1, background): so many others do not fall together by chance;
 *     the camera itself was chosen because it alarmed and proves nothing (exact binomial test; Bonferroni over the
 *     cohorts that are tried, which need not be independent), and
 *  2. k / n >= share: with ten thousand cameras three are beyond chance, and still not everyone.
 * Cohorts are tried from the narrow to the wide. A wider one takes over only when what it has beyond the narrower one
 * shares the alarm by the same two tests: a site that makes up most of the fleet is not everyone. Narrow before wide,
 * each against its rest, is the tree of a scan statistic (Kulldorff 1997; tree-based: Kulldorff, Fang and Walsh 2003),
 * with a fixed background in place of its likelihood ratio, because the fleet knows how often healthy cameras alarm.
 *
 * Cohorts of the very same cameras are told as one, with the others beside it: of a fleet with one site and one model
 * nobody can say which it was. `alarmed` are the cameras that began to raise an alarm of this kind in the window. Of those the model is named first when `preferModel` says that the alarm is about the
 * model's output.
 */
export function judgeCohort(
  camera: string,
  members: readonly CohortMember[],
  alarmed: ReadonlySet<string>,
  options: CohortOptions,
  preferModel = false,
): CohortVerdict {
  const own = members.find((member) => member.camera === camera);
  const alarms = (cameras: readonly CohortMember[]) =>
    cameras.reduce((count, member) => count + (alarmed.has(member.camera) ? 1 : 0), 0);
  const shares = (cameras: readonly CohortMember[]) => alarms(cameras) >= options.share * cameras.length;
  const chance = (cameras: readonly CohortMember[]) =>
    binomialAtLeast(cameras.length, alarms(cameras), options.background);
  const alone: CohortVerdict = {
    scope: 'camera',
    name: camera,
    cameras: 1,
    alarmed: 1,
    pValue: 1,
    sameAs: [],
  };
  if (own === undefined) return alone;
  const candidates = distinct(own, members, preferModel);
  const tried = Math.max(1, candidates.length);
  let best: { readonly verdict: CohortVerdict; readonly inside: ReadonlySet<string> } = {
    verdict: alone,
    inside: new Set([camera]),
  };
  for (const { names, cameras } of candidates) {
    const others = cameras.filter((member) => member.camera !== camera);
    const whole = chance(others) * tried;
    if (whole > options.alpha || !shares(cameras)) continue;
    const beyond = cameras.filter((member) => !best.inside.has(member.camera));
    if (beyond.length === 0) continue;
    // Measured against what is known already: the rest must share it by itself.
    const rest = chance(beyond) * tried;
    if (rest > options.alpha || !shares(beyond)) continue;
    const [first, ...sameAs] = names;
    if (first === undefined) continue;
    best = {
      inside: new Set(cameras.map((member) => member.camera)),
      verdict: {
        ...first,
        cameras: cameras.length,
        alarmed: alarms(cameras),
        pValue: Math.min(1, whole),
        sameAs,
      },
    };
  }
  return best.verdict;
}

interface Candidate {
  readonly names: Pick<Cohort, 'scope' | 'name'>[];
  readonly cameras: readonly CohortMember[];
}

/** Cohorts of the camera with at least two cameras, narrow first; those of the same cameras joined. */
function distinct(own: CohortMember, members: readonly CohortMember[], preferModel: boolean): Candidate[] {
  const found: Candidate[] = [];
  const add = (scope: CohortScope, name: string, fits: (member: CohortMember) => boolean) => {
    const cameras = members.filter(fits);
    if (cameras.length < 2) return;
    const known = found.find((other) => sameMembers(other.cameras, cameras));
    if (known === undefined) found.push({ names: [{ scope, name }], cameras });
    else known.names.push({ scope, name });
  };
  if (own.device !== '') add('device', own.device, (member) => member.device === own.device);
  for (const group of own.groups) add('group', group, (member) => member.groups.includes(group));
  if (own.model !== undefined) add('model', own.model, (member) => member.model === own.model);
  add('everyone', '', () => true);
  const rank = (scope: CohortScope) =>
    scope === 'model' && preferModel ? scopes.length : scopes.indexOf(scope);
  for (const candidate of found) candidate.names.sort((a, b) => rank(b.scope) - rank(a.scope));
  return found.sort((a, b) => a.cameras.length - b.cameras.length);
}

/** Both are filtered from one list, so equal sets are in equal order. */
function sameMembers(one: readonly CohortMember[], other: readonly CohortMember[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
}
