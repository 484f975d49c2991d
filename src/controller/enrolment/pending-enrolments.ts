import type { EnrolmentInfo } from '../../api/index.ts';
import { LimitError, MissingError } from '../../base/index.ts';
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
  readonly #byId = new Map<string, PendingEnrolment>();

  list(): EnrolmentInfo[] {
    return [...this.#byId.values()]
      .map(({ info }) => info)
      .sort(
        (a, b) => Number(a.state === 'rejected') - Number(b.state === 'rejected') || b.firstMs - a.firstMs,
      );
  }

  find(claim: string, key: string): PendingEnrolment | undefined {
    return this.#byId.get(idOf(claim, key));
  }

  /** Waits from now on, or waits on. LimitError `enrolments-full`. */
  put(info: Omit<EnrolmentInfo, 'id' | 'state' | 'firstMs'>, request: SigningRequest): PendingEnrolment {
    const id = idOf(info.claim, info.key);
    const known = this.#byId.get(id);
    if (known === undefined) this.#expectRoom(info.claim);
    const pending: PendingEnrolment = {
      info: { ...info, id, state: 'pending', firstMs: known?.info.firstMs ?? info.lastMs },
      request,
    };
    this.#byId.set(id, pending);
    return pending;
  }

  /** MissingError `enrolment-unknown` for one that does not wait. */
  expectPending(id: string): PendingEnrolment {
    const pending = this.#byId.get(id);
    if (pending?.info.state === 'pending') return pending;
    throw new MissingError(
      'enrolment-unknown',
      `No device waits as ${id}.`,
      'List those that wait: goshawk fleet enrolments list. A device that waits asks again by itself.',
    );
  }

  reject(id: string): void {
    const { info, request } = this.expectPending(id);
    this.#byId.delete(id);
    const rejected = [...this.#byId.values()].filter((one) => one.info.state === 'rejected');
    if (rejected.length >= maxRejected && rejected[0] !== undefined) this.#byId.delete(rejected[0].info.id);
    this.#byId.set(id, { info: { ...info, state: 'rejected' }, request });
  }

  remove(id: string): void {
    this.#byId.delete(id);
  }

  removeOfClaim(claim: string): void {
    for (const [id, { info }] of this.#byId) if (info.claim === claim) this.#byId.delete(id);
  }

  #expectRoom(claim: string): void {
    const waiting = [...this.#byId.values()].filter(({ info }) => info.state === 'pending');
    const ofClaim = waiting.filter(({ info }) => info.claim === claim);
    if (waiting.length < maxPending && ofClaim.length < maxPendingPerClaim) return;
    throw new LimitError(
      'enrolments-full',
      `${waiting.length} devices wait for a person already, ${ofClaim.length} of them with this claim.`,
      'Approve or reject some of them; the device asks again by itself.',
    );
  }
}

function idOf(claim: string, key: string): string {
  return `${claim}-${key.slice(0, 20)}`;
}
