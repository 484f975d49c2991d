import { type Clock, MissingError } from '../../base/index.ts';
import type { CallRequestOf } from '../../protocol/index.ts';
import type { SafetyCheck } from './update-gate.ts';

/**
 * What was last said by `call/updates` over MQTT, for as long as it was said to hold. Who is not heard any more, or was not
 * heard since the agent began, has said nothing: also not that it is safe.
 */
export class CalledSafetyCheck implements SafetyCheck {
  readonly #clock: Clock;
  #last: { readonly request: CallRequestOf<'updates'>; readonly untilMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(request: CallRequestOf<'updates'>): void {
    this.#last = { request, untilMs: this.#clock.monotonicMs() + request.seconds * 1000 };
  }

  async whyNot(): Promise<string | undefined> {
    const last = this.#last;
    if (last === undefined || this.#clock.monotonicMs() >= last.untilMs)
      throw new MissingError(
        'safety-unsaid',
        'No valid MQTT message says whether it is safe.',
        'Call `updates` with hold: false while the robot is at rest, and again before its seconds are over.',
      );
    const { hold, reason } = last.request;
    return hold ? (reason ?? 'Updates are held over MQTT.') : undefined;
  }
}
