import type {
  DetectionRequest,
  Detector,
  DetectorIdentity,
  DetectorResult,
  Frame,
} from '../../perception/index.ts';

/** A detector that takes no more frames than were asked for, also from a camera that goes on while the last one is under way. */
export class LimitedDetector implements Detector {
  readonly identity: DetectorIdentity;
  readonly capacity: number;
  readonly warmUpMs: number;
  readonly #detector: Detector;
  readonly #most: number;
  readonly #onRoom: (room: boolean) => void;
  #taken = 0;

  /** `onRoom`: false with the last frame, true where one of them gave no result. */
  constructor(detector: Detector, most: number, onRoom: (room: boolean) => void) {
    this.identity = detector.identity;
    // A batch may not be larger than what is asked for.
    this.capacity = Math.min(detector.capacity, most);
    this.warmUpMs = detector.warmUpMs ?? 0;
    this.#detector = detector;
    this.#most = most;
    this.#onRoom = onRoom;
  }

  async detect(frame: Frame, request: DetectionRequest): Promise<DetectorResult> {
    this.#taken += 1;
    if (this.#taken === this.#most) this.#onRoom(false);
    try {
      return await this.#detector.detect(frame, request);
    } catch (error) {
      this.giveBack();
      throw error;
    }
  }

  /** A frame that was taken gave no result. */
  giveBack(): void {
    this.#taken -= 1;
    this.#onRoom(true);
  }

  /** The detector inside belongs to whoever made it. */
  async close(): Promise<void> {}
}
