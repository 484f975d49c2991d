import { binomialAtLeast } from '../../base/index.ts';

/** One camera that is watched in the window. */
export interface CohortMember {
  readonly camera: string;
  /** Empty for a device with one camera, which is no cohort. */
  readonly device: string;
  readonly groups: readonly string[];
  /** Digest of the model that serves it. */
  readonly model: string | undefined;
}

/** The watched cameras by what they have in common, so that a cohort is looked up and not searched for. */
export class CohortFleet {
  readonly #members = new Map<string, CohortMember>();
  readonly #devices = new Map<string, CohortMember[]>();
  readonly #groups = new Map<string, CohortMember[]>();
  readonly #models = new Map<string, CohortMember[]>();

  constructor(members: Iterable<CohortMember>) {
    for (const member of members) this.add(member);
  }

  add(member: CohortMember): void {
    this.#members.set(member.camera, member);
    if (member.device !== '') push(this.#devices, member.device, member);
    for (const group of member.groups) push(this.#groups, group, member);
    if (member.model !== undefined) push(this.#models, member.model, member);
  }

  get(camera: string): CohortMember | undefined {
    return this.#members.get(camera);
  }

  get size(): number {
    return this.#members.size;
  }

  all(): Iterable<CohortMember> {
    return this.#members.values();
  }

  ofDevice(device: string): readonly CohortMember[] {
    return this.#devices.get(device) ?? [];
  }

  inGroup(group: string): readonly CohortMember[] {
    return this.#groups.get(group) ?? [];
  }

  withModel(model: string): readonly CohortMember[] {
    return this.#models.get(model) ?? [];
  }
}

function push(map: Map<string, CohortMember[]>, key: string, member: CohortMember): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [member]);
  else known.push(member);
}

type CohortScope = 'camera' | 'device' | 'group' | 'model' | 'everyone';

interface Cohort {
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
 * nobody can say which it was. `alarmed` are the cameras in alarm for the same cause, since about the same time. Of those the model is named first when `preferModel` says that the alarm is about the
 * model's output.
 */
export function judgeCohort(
  camera: string,
  fleet: CohortFleet,
  alarmed: ReadonlySet<string>,
  options: CohortOptions,
  preferModel = false,
): CohortVerdict {
  const alone: CohortVerdict = {
    scope: 'camera',
    name: camera,
    cameras: 1,
    alarmed: 1,
    pValue: 1,
    sameAs: [],
  };
  const own = fleet.get(camera);
  if (own === undefined) return alone;
  const alarms: CohortMember[] = [];
  for (const name of alarmed) {
    const member = fleet.get(name);
    if (member !== undefined) alarms.push(member);
  }
  // Whichever are fewer are gone through: the cohort's cameras, or the alarms.
  const alarmsOf = ({ size, fits, cameras }: Candidate) =>
    size < alarms.length
      ? [...cameras()].filter((member) => alarmed.has(member.camera))
      : alarms.filter(fits);
  const shares = (count: number, cameras: number) => count >= options.share * cameras;
  const candidates = distinct(own, fleet, preferModel);
  const tried = Math.max(1, candidates.length);
  const chance = (count: number, cameras: number) =>
    binomialAtLeast(cameras, count, options.background) * tried;
  let verdict = alone;
  let inside: Pick<Candidate, 'fits' | 'cameras'> = {
    cameras: () => [own],
    fits: (member) => member.camera === camera,
  };
  for (const candidate of candidates) {
    const { names, size, fits, cameras } = candidate;
    const mine = alarmsOf(candidate);
    const others = mine.length - (alarmed.has(camera) ? 1 : 0);
    const whole = chance(others, size - 1);
    if (whole > options.alpha || !shares(mine.length, size)) continue;
    const beyond = size - count(inside.cameras(), fits);
    if (beyond === 0) continue;
    // Measured against what is known already: the rest must share it by itself.
    const outside = mine.filter((member) => !inside.fits(member)).length;
    if (chance(outside, beyond) > options.alpha || !shares(outside, beyond)) continue;
    const [first, ...sameAs] = names;
    if (first === undefined) continue;
    inside = { fits, cameras };
    verdict = {
      ...first,
      cameras: size,
      alarmed: mine.length,
      pValue: Math.min(1, whole),
      sameAs,
    };
  }
  return verdict;
}

interface Candidate {
  readonly names: Pick<Cohort, 'scope' | 'name'>[];
  readonly size: number;
  fits(member: CohortMember): boolean;
  cameras(): Iterable<CohortMember>;
}

/** Cohorts of the camera with at least two cameras, narrow first; those of the same cameras joined. */
function distinct(own: CohortMember, fleet: CohortFleet, preferModel: boolean): Candidate[] {
  const found: Candidate[] = [];
  const add = (scope: CohortScope, name: string, candidate: Omit<Candidate, 'names'>) => {
    if (candidate.size < 2) return;
    const known = found.find((other) => sameMembers(other, candidate));
    if (known === undefined) found.push({ ...candidate, names: [{ scope, name }] });
    else known.names.push({ scope, name });
  };
  const list = (cameras: readonly CohortMember[], fits: (member: CohortMember) => boolean) => ({
    size: cameras.length,
    cameras: () => cameras,
    fits,
  });
  const { device, model } = own;
  if (device !== '')
    add(
      'device',
      device,
      list(fleet.ofDevice(device), (member) => member.device === device),
    );
  for (const group of own.groups)
    add(
      'group',
      group,
      list(fleet.inGroup(group), (member) => member.groups.includes(group)),
    );
  if (model !== undefined)
    add(
      'model',
      model,
      list(fleet.withModel(model), (member) => member.model === model),
    );
  add('everyone', '', { size: fleet.size, cameras: () => fleet.all(), fits: () => true });
  const rank = (scope: CohortScope) =>
    scope === 'model' && preferModel ? scopes.length : scopes.indexOf(scope);
  for (const candidate of found) candidate.names.sort((a, b) => rank(b.scope) - rank(a.scope));
  return found.sort((a, b) => a.size - b.size);
}

function sameMembers(one: Omit<Candidate, 'names'>, other: Omit<Candidate, 'names'>): boolean {
  return one.size === other.size && every(one.cameras(), other.fits);
}

function every(members: Iterable<CohortMember>, fits: (member: CohortMember) => boolean): boolean {
  for (const member of members) if (!fits(member)) return false;
  return true;
}

function count(members: Iterable<CohortMember>, fits: (member: CohortMember) => boolean): number {
  let fitting = 0;
  for (const member of members) if (fits(member)) fitting++;
  return fitting;
}
