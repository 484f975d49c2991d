import { type Clock, decodeUtf8, encodeUtf8, RefusedError } from '../../base/index.ts';
import { controllerId } from '../../protocol/index.ts';
import { type MetadataStore, timeText } from '../../trust/index.ts';
import type { ControllerEvents } from '../fleet/controller-events.ts';
import type { DeviceRegistry } from '../fleet/device-registry.ts';
import { medianOf } from '../history/retention-time.ts';

export interface SigningClockPorts {
  readonly clock: Clock;
  readonly store: MetadataStore;
  /** NTP keeps the clock of this machine; absent: nobody knows. */
  readonly isSynchronised?: () => boolean;
  /** Their clocks say what time it is, too. */
  readonly registry: Pick<DeviceRegistry, 'devices'>;
  /** When the owners signed last what is published; undefined where nothing is. */
  readonly ownersMs: () => number | undefined;
  readonly events: Pick<ControllerEvents, 'tell'>;
}

const file = 'signed';
const dayMs = 86_400_000;
/** A clock that is off by less does no harm to devices: what they learn of the time is that coarse. */
const jumpMs = dayMs;
/** A machine that was off may have been off for so long. */
const offMs = 7 * dayMs;
const keepEveryMs = 3_600_000;

/**
 * What time a controller signs with. Devices learn the time from what is signed, so a clock that ran ahead would do harm in
 * all of them: one that jumps, by what was signed last and by the time that passed since, is believed only where somebody else
 * says the same.
 */
export class SigningClock {
  readonly #ports: SigningClockPorts;
  /** `spareMs`: how much later than expected it may be. */
  #last: { readonly wallMs: number; readonly monotonicMs: number; readonly spareMs: number } | undefined;
  #keptMs = 0;

  constructor(ports: SigningClockPorts) {
    this.#ports = ports;
  }

  async open(): Promise<void> {
    const { clock, store } = this.#ports;
    const bytes = await store.read(file);
    const wallMs = bytes === undefined ? 0 : Number(decodeUtf8(bytes));
    if (!Number.isSafeInteger(wallMs) || wallMs <= 0) return;
    this.#keptMs = wallMs;
    this.#last = { wallMs, monotonicMs: clock.monotonicMs(), spareMs: offMs };
  }

  /** RefusedError `trust-clock-jumped`. */
  nowMs(): number {
    const { clock, events } = this.#ports;
    const wallMs = clock.wallMs();
    const monotonicMs = clock.monotonicMs();
    const last = this.#last;
    if (last !== undefined) {
      const expectedMs = last.wallMs + monotonicMs - last.monotonicMs;
      if (wallMs > expectedMs + last.spareMs && !this.#isConfirmed(wallMs)) {
        const error = jumped(wallMs, expectedMs);
        const { message, remedy } = error;
        const kind = 'controller.clock-jumped';
        events.tell(controllerId, { kind, severity: 'error', message, data: { remedy } });
        throw error;
      }
    }
    this.#last = { wallMs, monotonicMs, spareMs: jumpMs };
    this.#keep(wallMs);
    return wallMs;
  }

  #isConfirmed(wallMs: number): boolean {
    const { isSynchronised, ownersMs } = this.#ports;
    const said = [this.#devicesMs(), ownersMs()];
    return isSynchronised?.() === true || said.some((ms) => ms !== undefined && ms >= wallMs - jumpMs);
  }

  /** The middle of what the clocks say of those that are here. */
  #devicesMs(): number | undefined {
    const { clock, registry } = this.#ports;
    const nowMs = clock.monotonicMs();
    const said = [...registry.devices()].flatMap(({ online, clockOriginMs }) =>
      online && clockOriginMs !== undefined ? [clockOriginMs + nowMs] : [],
    );
    return medianOf(said);
  }

  #keep(wallMs: number): void {
    if (Math.abs(wallMs - this.#keptMs) < keepEveryMs) return;
    this.#keptMs = wallMs;
    // A disk that refuses makes the next start believe a little less.
    void this.#ports.store.write(file, encodeUtf8(String(Math.floor(wallMs)))).catch(() => {});
  }
}

function jumped(wallMs: number, expectedMs: number): RefusedError {
  return new RefusedError(
    'trust-clock-jumped',
    `The clock of the controller says ${timeText(wallMs)}; by what it signed last it is ${timeText(expectedMs)}, and no source confirms the jump. The controller does not sign with that time, because devices would believe it.`,
    'Correct the clock of the machine. If it is right, let NTP keep it, or let the owners sign and publish today (goshawk keys renew, sign, publish).',
  );
}
