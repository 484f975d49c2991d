import { type RosLosses, StampGaps } from '../../ros2/index.ts';

/** Pictures that did not become frames, by what is known of them. */
export interface PictureLosses {
  /** Gave way to newer ones here: the event loop was too slow. */
  readonly superseded: number;
  /** Above the limit. */
  readonly tooLarge: number;
  /** Lost before us. */
  readonly onTheWay: number;
  /** What says so: the middleware's own numbers, or gaps between the stamps, which is an estimate. */
  readonly onTheWayBy: 'middleware' | 'stamps';
}

const nothing: RosLosses = { superseded: 0, onTheWay: 0, tooLarge: 0, largest: 0 };

/** Adds up what a node tells of losses, or what the stamps tell where the node can't. */
export class LossCounter {
  readonly #told: boolean;
  #gaps = new StampGaps();
  #losses: RosLosses = nothing;
  /** Of the subscriptions before this one. */
  #before = { superseded: 0, tooLarge: 0, onTheWay: 0 };

  /** `told`: whether the node knows what was lost on the way. */
  constructor(told: boolean) {
    this.#told = told;
  }

  /** The next subscription counts from nothing. */
  restart(): void {
    const { superseded, tooLarge, onTheWay } = this.losses;
    this.#before = { superseded, tooLarge, onTheWay };
    this.#losses = nothing;
    this.#gaps = new StampGaps();
  }

  note(losses: RosLosses): void {
    this.#losses = losses;
  }

  picture(stampNs: bigint): void {
    if (!this.#told) this.#gaps.add(stampNs);
  }

  get losses(): PictureLosses {
    const { superseded, tooLarge, onTheWay } = this.#losses;
    // A picture that was refused is missing among the stamps as well.
    const missing = Math.max(0, this.#gaps.missing - superseded - tooLarge);
    const before = this.#before;
    return {
      superseded: before.superseded + superseded,
      tooLarge: before.tooLarge + tooLarge,
      onTheWay: before.onTheWay + (this.#told ? onTheWay : missing),
      onTheWayBy: this.#told ? 'middleware' : 'stamps',
    };
  }

  get total(): number {
    const { superseded, tooLarge, onTheWay } = this.losses;
    return superseded + tooLarge + onTheWay;
  }
}
