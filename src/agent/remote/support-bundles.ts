import {
  type Clock,
  describeError,
  GoshawkError,
  LimitError,
  MissingError,
  toBase64,
} from '../../base/index.ts';
import {
  bundleChunkBytes,
  type CallRequestOf,
  type CallResultOf,
  maxBundleBytes,
} from '../../protocol/index.ts';
import { Pace } from './pace.ts';

export interface SupportBundlesPorts {
  readonly make: () => Promise<Uint8Array>;
  /** 16 hexadecimal digits, unique for ever. */
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Whoever fetches one slowly still gets the same bytes. */
const keptMs = 600_000;
const makingEveryMs = 30_000;

interface Made {
  readonly id: string;
  bytes?: Uint8Array;
  error?: unknown;
}

/** One support bundle at a time: made once, and given in pieces. */
export class SupportBundles {
  readonly #ports: SupportBundlesPorts;
  readonly #pace = new Pace(1, makingEveryMs);
  #made: Made | undefined;

  constructor(ports: SupportBundlesPorts) {
    this.#ports = ports;
  }

  answer({ id, offset }: CallRequestOf<'bundle'>): CallResultOf<'bundle'> {
    if (id === undefined) return { id: this.#begin().id };
    const made = this.#made;
    if (made?.id !== id)
      throw new MissingError(
        'bundle-gone',
        'The device no longer has this support bundle.',
        'Ask for a new one.',
      );
    if (made.error !== undefined)
      throw new GoshawkError(
        'bundle-failed',
        `The support bundle could not be made: ${describeError(made.error)}`,
        'Run goshawk doctor and goshawk selftest on the device.',
      );
    const { bytes } = made;
    if (bytes === undefined) return { id };
    const data = toBase64(bytes.subarray(offset, offset + bundleChunkBytes));
    return { id, size: bytes.byteLength, data };
  }

  /** The one that is being made is everybody's. */
  #begin(): Made {
    const { clock, make, newId } = this.#ports;
    const before = this.#made;
    if (before !== undefined && before.bytes === undefined && before.error === undefined) return before;
    const waitMs = this.#pace.take(clock.monotonicMs());
    if (waitMs > 0)
      throw new LimitError(
        'bundle-soon',
        'The device made a support bundle a moment ago.',
        `Try again in ${Math.ceil(waitMs / 1000)} s.`,
      );
    const made: Made = { id: newId() };
    this.#made = made;
    make().then(
      (bytes) => {
        if (bytes.byteLength <= maxBundleBytes) made.bytes = bytes;
        else made.error = new LimitError('bundle-size', 'It is too large.', 'Report this defect.');
      },
      (error: unknown) => {
        made.error = error;
      },
    );
    clock.after(keptMs, () => {
      if (this.#made === made) this.#made = undefined;
    });
    return made;
  }
}
