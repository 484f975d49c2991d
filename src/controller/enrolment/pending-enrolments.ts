import type { EnrolmentInfo } from '../../api/index.ts';
import { counted, LimitError, MissingError } from '../../base/index.ts';
import type { SigningRequest } from './authority.ts';

export interface PendingEnrolment {
  readonly info: EnrolmentInfo;
  readonly request: SigningRequest;
}

const maxPending = 500;
const maxPendingPerClaim = 200;
const maxRejected = 1000;

/**
 * Devices that wait for a person, and those that were rejected: in memory, since a device that waits asks again by
 * itself. One key with one claim waits once. Their number is bounded; those that wait are never pushed out by others.
 */
export class PendingEnrolments {
  /** By claim and key. */
  readonly #waiting = new Map<string, PendingEnrolment>();
  readonly #newId: () => string;

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  list(): EnrolmentInfo[] {
    return [...this.#waiting.values()]
      .map(({ info }) => info)
      .sort(
        (a, b) => Number(a.state === 'rejected') - Number(b.state === 'rejected') || b.firstMs - a.firstMs,
      );
  }

  find(claim: string, key: string): PendingEnrolment | undefined {
    return this.#waiting.get(placeOf({ claim, key }));
  }

  /**
   * Waits from now on, or waits on. A key that asks for another name or says other facts of its board gets another id:
   * a person approves what was shown, and nothing else. Only the address that it asks from may change. LimitError `enrolments-full`.
   */
  put(info: Omit<EnrolmentInfo, 'id' | 'state' | 'firstMs'>, request: SigningRequest): PendingEnrolment {
    const known = this.find(info.claim, info.key);
    if (known === undefined) this.#expectRoom(info.claim);
    const isSame = known !== undefined && saysTheSame(known.info, info);
    const { id, firstMs } = isSame ? known.info : { id: this.#newId(), firstMs: info.lastMs };
    const pending: PendingEnrolment = { info: { ...info, id, state: 'pending', firstMs }, request };
    this.#waiting.set(placeOf(info), pending);
    return pending;
  }

  /** MissingError `enrolment-unknown` for one that does not wait. */
  expectPending(id: string): PendingEnrolment {
    const pending = [...this.#waiting.values()].find(({ info }) => info.id === id);
    if (pending?.info.state === 'pending') return pending;
    throw new MissingError(
      'enrolment-unknown',
      `No device waits for enrolment as ${id}.`,
      'List those that wait: goshawk enrolment list. A device that asks again with another name or board gets another id.',
    );
  }

  reject(id: string): void {
    const { info, request } = this.expectPending(id);
    this.#waiting.delete(placeOf(info));
    const rejected = [...this.#waiting.values()].filter((one) => one.info.state === 'rejected');
    if (rejected.length >= maxRejected && rejected[0] !== undefined)
      this.#waiting.delete(placeOf(rejected[0].info));
    this.#waiting.set(placeOf(info), { info: { ...info, state: 'rejected' }, request });
  }

  remove({ claim, key }: Pick<EnrolmentInfo, 'claim' | 'key'>): void {
    this.#waiting.delete(placeOf({ claim, key }));
  }

  removeOfClaim(claim: string): void {
    for (const [place, { info }] of this.#waiting) if (info.claim === claim) this.#waiting.delete(place);
  }

  #expectRoom(claim: string): void {
    const waiting = [...this.#waiting.values()].filter(({ info }) => info.state === 'pending');
    const ofClaim = waiting.filter(({ info }) => info.claim === claim);
    if (waiting.length < maxPending && ofClaim.length < maxPendingPerClaim) return;
    throw new LimitError(
      'enrolments-full',
      `${counted(waiting.length, 'device')} wait for approval already, ${ofClaim.length} of them with this claim.`,
      'Approve or reject some of them. The device retries automatically.',
    );
  }
}

type Said = Pick<EnrolmentInfo, 'device' | 'serial' | 'facts'>;

function saysTheSame(one: Said, other: Said): boolean {
  return one.device === other.device && one.serial === other.serial && wordsOf(one) === wordsOf(other);
}

/** Of the facts, in whichever order they came. */
function wordsOf({ facts = {} }: { readonly facts?: object | undefined }): string {
  return JSON.stringify(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function placeOf({ claim, key }: Pick<EnrolmentInfo, 'claim' | 'key'>): string {
  return `${claim} ${key}`;
}
