import { expect, it } from 'vitest';
import type { CameraMonitor } from '../../../../src/agent/drift/camera-monitor.ts';
import { driftReading } from '../../../../src/agent/drift/reading.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeController, FakeDevice } from '../../../fakes/fake-device.ts';
import { FakeBroker } from '../../../fakes/fake-transport.ts';
import { LongWatch, Street } from './long-watch.ts';
import { QuietHost } from './quiet-host.ts';

/** The real watch over one camera. */
class WatchedHost extends QuietHost {
  readonly #watch: CameraMonitor;

  constructor(watch: CameraMonitor) {
    super();
    this.#watch = watch;
  }

  override statuses() {
    return { front: this.#watch.status() };
  }

  override readings() {
    return [driftReading('front', this.#watch, { count: 0, bytes: 0 })];
  }
}

it('The agent of a device sends at most 200 kB a day for a camera to which nothing happens', async () => {
  const street = new Street();
  // Everything that is sent comes again within three hours.
  const hours = 6;
  const bytesOfDay = async (watching: boolean) => {
    const clock = new FakeClock(1_790_000_000_000);
    const broker = new FakeBroker(clock);
    const device = new FakeDevice(broker, clock);
    new FakeController(broker);
    const long = watching ? await LongWatch.start(street, street.profile, clock) : undefined;
    device.drift = long === undefined ? undefined : new WatchedHost(long.watch);
    let bytes = 0;
    await device.start({ metricsEverySeconds: 10 });
    for (let minute = 0; minute < hours * 60; minute++) {
      for (let second = 0; second < 60; second++) {
        clock.advance(1000);
        long?.frame();
      }
      await settle();
      const own = broker.log.filter(({ topic }) => /\/(metrics|reported|events|state)$/.test(topic));
      bytes += own.reduce((sum, { topic, payload }) => sum + payload.length + topic.length, 0);
      broker.log.length = 0;
    }
    if (long !== undefined) expect(long.said).toEqual([]);
    return (bytes * 24) / hours;
  };
  const without = await bytesOfDay(false);
  const bytes = (await bytesOfDay(true)) - without;
  expect(without).toBeGreaterThan(100_000);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThan(200_000);
}, 600_000);
