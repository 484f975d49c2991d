import { type Clock, counted, fromBase64, InputError, RefusedError, toBase64 } from '../../base/index.ts';
import { maskCounts } from '../../drift/index.ts';
import type { PerceptionResult } from '../../perception/index.ts';
import { type CallResultOf, type JoinSum, type MaskedSum, sumLimits } from '../../protocol/index.ts';
import { HourlyCounts } from './hourly-counts.ts';

/** Port: keys of one round, and what two of them make. */
export interface SumCrypto {
  newKey(): SumKey;
}

export interface SumKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Numbers that only these two can make, and the same for the same `about` alone, uniform over 32 bits. Throws for a key that is none. */
  maskWith(peer: Uint8Array, about: string, length: number): Uint32Array;
}

export interface SumMemberOptions {
  readonly device: string;
  readonly clock: Clock;
  readonly keys: SumCrypto;
  /** Fewer members than this get nothing of this device. */
  readonly leastDevices: number;
}

interface OpenRound extends JoinSum {
  readonly key: SumKey;
  readonly beganMs: number;
}

const roundMs = 120_000;
const mostOpen = 4;
/** Each answered round of other members is one more equation about this device. */
const mostAnswers = 6;
const answersMs = 3_600_000;

/** Lets a device take part in sums of counts: nobody sees its own. */
export class SumMember {
  readonly #options: SumMemberOptions;
  readonly #counts: HourlyCounts;
  readonly #open = new Map<string, OpenRound>();
  #answeredMs: number[] = [];

  constructor(options: SumMemberOptions) {
    this.#options = options;
    this.#counts = new HourlyCounts(options.clock);
  }

  add(result: Pick<PerceptionResult, 'detections'>): void {
    this.#counts.add(result);
  }

  /** InputErrors `sum-hours`, `sum-round`; RefusedError `sum-often`. */
  join({ round, toHour, hours }: JoinSum): CallResultOf<'join-sum'> {
    const { clock, keys, leastDevices } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#forget(nowMs);
    this.#expectRoom();
    if (toHour > this.#counts.hour || toHour - hours < this.#counts.hour - sumLimits.hours)
      throw new InputError(
        'sum-hours',
        'Only full hours of the last 24 h can be summed.',
        'Check that the clocks of controller and device are right.',
      );
    if (this.#open.has(round) || this.#open.size >= mostOpen)
      throw new InputError(
        'sum-round',
        'This round is known, or too many are open.',
        'Start a new round later.',
      );
    const key = keys.newKey();
    this.#open.set(round, { round, toHour, hours, key, beganMs: nowMs });
    return { key: toBase64(key.publicKey), leastDevices };
  }

  /** Once for each round. InputError `sum-round`; RefusedErrors `sum-members`, `sum-often`. */
  masked({ round, members, labels }: MaskedSum): CallResultOf<'masked-sum'> {
    const { device, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#forget(nowMs);
    const open = this.#open.get(round);
    // Whatever comes of it, nobody gets a second answer with these masks.
    this.#open.delete(round);
    if (open === undefined)
      throw new InputError('sum-round', 'This device has left that round.', 'Start a new round.');
    this.#expectRoom();
    const keys = this.#keysOf(members, open.key);
    const { toHour, hours } = open;
    const counts = this.#counts.vector(toHour, hours, labels);
    // Masks are gone from the sum only where all were asked the same.
    const asked = JSON.stringify([round, toHour, hours, labels]);
    const maskOf = (pair: readonly [string, string], _: string, length: number) => {
      const peer = keys.get(pair[0] === device ? pair[1] : pair[0])!;
      return open.key.maskWith(peer, JSON.stringify([asked, ...pair]), length);
    };
    let vector: Uint32Array;
    try {
      vector = maskCounts(device, [...keys.keys()], round, counts, maskOf);
    } catch (cause) {
      throw unfitMembers('A key of a member is none.', cause);
    }
    this.#answeredMs.push(nowMs);
    return { vector: toBase64(littleEndian(vector)) };
  }

  #keysOf(members: MaskedSum['members'], own: SumKey): Map<string, Uint8Array> {
    const { device, leastDevices } = this.#options;
    const keys = new Map(members.map((one) => [one.device, fromBase64(one.key)]));
    const different = new Set(members.map(({ key }) => key)).size;
    if (keys.size !== members.length || different !== members.length)
      throw unfitMembers('A member, or a key, is listed twice.');
    if (keys.size < leastDevices)
      throw unfitMembers(
        `${counted(keys.size, 'member')} are fewer than the ${leastDevices} that this device asks for.`,
      );
    const mine = keys.get(device);
    if (mine === undefined || !same(mine, own.publicKey))
      throw unfitMembers('The key of this device is another one.');
    return keys;
  }

  #forget(nowMs: number): void {
    for (const [round, { beganMs }] of this.#open) if (nowMs - beganMs > roundMs) this.#open.delete(round);
    this.#answeredMs = this.#answeredMs.filter((atMs) => nowMs - atMs < answersMs);
  }

  #expectRoom(): void {
    if (this.#answeredMs.length < mostAnswers) return;
    throw new RefusedError(
      'sum-often',
      `This device has answered ${mostAnswers} rounds within the hour.`,
      'Sums of other members say what one of them counted: wait an hour.',
    );
  }
}

function unfitMembers(what: string, cause?: unknown): RefusedError {
  return new RefusedError('sum-members', what, 'Start a new round.', cause === undefined ? {} : { cause });
}

function littleEndian(numbers: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of numbers.entries()) view.setUint32(at * 4, value, true);
  return bytes;
}

/** Both are public. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
