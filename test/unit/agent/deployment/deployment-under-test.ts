import type { DeploymentState, Desired, DesiredModel, Reported } from '../../../../src/protocol/index.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeDevice, modelOf } from '../../../fakes/fake-device.ts';
import { FakeBroker } from '../../../fakes/fake-transport.ts';

/** What serves at first, and two that are ordered. */
export const a = modelOf('a');
export const b = modelOf('b', '2');
export const c = modelOf('c', '3');
export const forever = () => new Promise<void>(() => {});

/** A device with one camera whose deployments a test watches. */
export class DeploymentUnderTest {
  readonly clock = new FakeClock();
  readonly device = new FakeDevice(new FakeBroker(this.clock), this.clock);
  /** Whether its frames are processed. */
  frames = true;

  async start(): Promise<void> {
    await this.device.start();
    await this.clock.pass(100);
  }

  /** Lets time pass while the camera runs. */
  async run(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      if (this.frames) {
        this.device.pipeline.received += 30;
        this.device.pipeline.processed += 30;
      }
      await this.clock.pass(1000);
    }
  }

  state(): DeploymentState | undefined {
    return this.device.agent.slots.main?.deployment.state;
  }

  /** The events of its deployments. */
  steps(): string[] {
    // Nobody acknowledges here, so every event comes again and again; its id says so.
    return [...new Map(this.device.events().map((event) => [event.id, event])).values()]
      .filter(({ kind }) => kind.startsWith('deployment.'))
      .map(({ kind }) => kind.slice('deployment.'.length));
  }

  order(
    generation: number,
    model: DesiredModel = b,
    { expiresAtMs, ...more }: Partial<Desired> & { expiresAtMs?: number } = {},
  ): void {
    const main = { model, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
    this.device.order({ generation, timeMs: this.clock.wallMs(), slots: { main }, ...more });
  }

  /** What it reported last. */
  last(): Reported | undefined {
    return this.device.sent('reported').at(-1);
  }
}
