import { CameraMonitor } from '../../../../src/agent/drift/camera-monitor.ts';
import type { AgentEvent } from '../../../../src/agent/index.ts';
import { ProfileBuilder, type ReferenceProfile } from '../../../../src/drift/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { driftPorts } from '../../../fakes/fake-drift.ts';
import { digest, ToyCamera } from '../../drift/toy-camera.ts';

/** Half an hour of an ordinary street at a frame a second, again and again: what counts are the hours, not the street. */
const roundS = 1800;
type Seen = ReturnType<ToyCamera['next']>;

export class Street {
  readonly profile: ReferenceProfile;
  readonly #round: readonly Seen[];

  constructor() {
    const camera = new ToyCamera(1, 1);
    this.#round = Array.from({ length: roundS }, () => camera.next());
    const builder = new ProfileBuilder({ modelDigest: digest, camera: 'toy', viewSeconds: 120 });
    for (let second = 0; second < 2 * roundS; second++) {
      const { thumbnail, result } = this.at(second);
      builder.observe(thumbnail, result, second * 1000);
    }
    this.profile = builder.finish();
  }

  at(second: number): Seen {
    return this.#round[second % roundS]!;
  }
}

/** A watch over a camera whose frames and clock go together. */
export class LongWatch {
  readonly clock: FakeClock;
  readonly told: AgentEvent[] = [];
  readonly watch: CameraMonitor;
  readonly #street: Street;
  #frames = 0;

  private constructor(street: Street, profile: ReferenceProfile, clock: FakeClock) {
    this.#street = street;
    this.clock = clock;
    const ports = driftPorts(clock, this.told);
    ports.profiles.shipped = profile;
    this.watch = new CameraMonitor(
      { camera: 'toy', utcOffsetHours: 0, followed: undefined },
      { ...ports, onChange: () => {}, onAlarm: () => undefined },
    );
    this.watch.configure({});
  }

  static async start(street: Street, profile = street.profile, clock = new FakeClock()): Promise<LongWatch> {
    const long = new LongWatch(street, profile, clock);
    await long.run(5);
    return long;
  }

  /** `empty`: the model finds nothing. */
  async run(seconds: number, empty = false): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.clock.advance(1000);
      this.frame(empty);
      if (i % 60 === 0) await settle();
    }
  }

  frame(empty = false): void {
    const { thumbnail, result } = this.#street.at(this.#frames++);
    const atMs = this.clock.monotonicMs();
    const seen = { ...result, stampNs: this.clock.wallNs(), ...(empty ? { detections: [] } : {}) };
    this.watch.elapsed(atMs);
    this.watch.observe(thumbnail, seen, atMs);
  }

  get said(): string[] {
    return this.told.map(({ kind, message }) => `${kind}: ${message}`);
  }
}
