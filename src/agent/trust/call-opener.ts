import { type Clock, RefusedError } from '../../base/index.ts';
import { correlationId, housekeepingCalls, type Message, parseTopic } from '../../protocol/index.ts';
import { parseSignedPayload, type SignedCall } from '../../trust/index.ts';
import type { TrustGate } from './ports.ts';

export interface CallOpenerPorts {
  readonly device: string;
  readonly session: number;
  readonly trust: Pick<TrustGate, 'openCall' | 'authority'>;
  readonly clock: Clock;
  /** With what is asked as its payload; `id`: of a signed call, which is never given twice. */
  readonly take: (message: Message, id: string | undefined) => void;
  readonly refuse: (message: Message, error: unknown) => void;
}

/** Of all that are verified at a time: a flood of forgeries takes no more memory. */
const mostWaiting = 256;
/** No controller of ours gives a call more time. */
const mostMs = 300_000;
const mostSeen = 4_096;

/**
 * Takes calls out of their envelopes. What is signed is followed once, by the device and in the life of it that it names, and not
 * later than it says.
 *
 * The controller says when in its run a call was sent; how long that is ago at least is known from the calls of that run that came
 * before. So no clock has to be right. What is not seen: the first call of a run that is held back.
 */
export class CallOpener {
  readonly #ports: CallOpenerPorts;
  readonly #seen = new Map<string, number>();
  #waiting = 0;
  #authority: string | undefined;
  #run = 0;
  /** Of the run, and when it was so at the latest. */
  #atLeastMs = 0;
  #sinceMs = 0;

  constructor(ports: CallOpenerPorts) {
    this.#ports = ports;
  }

  open(message: Message): void {
    const { trust, take, refuse } = this.#ports;
    if (isOfSite(message)) {
      take(message, undefined);
      return;
    }
    if (this.#waiting >= mostWaiting) {
      refuse(message, flood());
      return;
    }
    this.#waiting += 1;
    void (async () => {
      try {
        const { request, signed, authority } = await trust.openCall(message.payload);
        // As with orders: the owners may have taken the key out while this was verified.
        if (authority !== trust.authority)
          throw refused('trust-order', 'A call is signed by a key that the root names no longer.');
        if (signed !== undefined) {
          this.#begin(authority);
          this.#expectGood(signed, message);
        }
        take({ ...message, payload: request }, signed?.id);
      } catch (error) {
        refuse(message, error);
      } finally {
        this.#waiting -= 1;
      }
    })();
  }

  /** What other keys said of runs and of time counts no longer than they do. */
  #begin(authority: string | undefined): void {
    if (authority === this.#authority) return;
    this.#authority = authority;
    this.#run = 0;
    this.#seen.clear();
  }

  #expectGood({ device, method, id, session, sentMs, expiresMs }: SignedCall, message: Message): void {
    const place = parseTopic(message.topic);
    const asked = place?.kind === 'call' ? place.method : undefined;
    if (device !== this.#ports.device || method !== asked)
      throw refused('call-other', `A call of ${method.slice(0, 64)} is signed for another place.`);
    if (housekeepingCalls.has(method)) return;
    if (session !== this.#ports.session)
      throw refused(
        'call-session',
        'The call is for another session of this device: it has restarted.',
        'Try again when the device is online.',
      );
    const { correlationData } = message;
    if (correlationData !== undefined && correlationId(correlationData) !== id)
      throw refused('call-other', 'A call asks for an answer under another id.');
    this.#expectInTime(Number(/^\d+/.exec(id)?.[0]), sentMs, expiresMs);
    if (this.#seen.has(id)) throw refused('call-again', 'A call came twice.');
    this.#remember(id, expiresMs);
  }

  #expectInTime(run: number, sentMs: number, expiresMs: number): void {
    const nowMs = this.#ports.clock.monotonicMs();
    if (run > this.#run) {
      this.#run = run;
      this.#seen.clear();
      this.#atLeastMs = sentMs;
      this.#sinceMs = nowMs;
    }
    const isNowMs = this.#atLeastMs + nowMs - this.#sinceMs;
    if (run !== this.#run || expiresMs < isNowMs || expiresMs - sentMs > mostMs)
      throw refused(
        'call-expired',
        'A call arrived after its time.',
        'Try again, and check how slow the link is.',
      );
    if (sentMs <= isNowMs) return;
    this.#atLeastMs = sentMs;
    this.#sinceMs = nowMs;
  }

  /** Until it is over: what comes later is refused for that. */
  #remember(id: string, expiresMs: number): void {
    if (this.#seen.size >= mostSeen) {
      const isNowMs = this.#atLeastMs + this.#ports.clock.monotonicMs() - this.#sinceMs;
      for (const [one, untilMs] of this.#seen) if (untilMs < isNowMs) this.#seen.delete(one);
      if (this.#seen.size >= mostSeen) throw flood();
    }
    this.#seen.set(id, expiresMs);
  }
}

/** A program of the site says when a robot may be updated, and has no key that the root names: the broker says who it is. */
function isOfSite({ topic, payload }: Message): boolean {
  const place = parseTopic(topic);
  if (place?.kind !== 'call' || place.method !== 'updates') return false;
  try {
    return parseSignedPayload(payload) === undefined;
  } catch {
    return false;
  }
}

function refused(
  code: string,
  message: string,
  remedy = 'It is ignored. Find out which program publishes there.',
): RefusedError {
  return new RefusedError(code, message, remedy);
}

function flood(): RefusedError {
  return refused('call-flood', 'More calls came than this device takes at a time.');
}
