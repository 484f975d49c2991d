import { beforeAll, describe, expect, it } from 'vitest';
import { DriftMonitor, type ReferenceProfile } from '../../../src/drift/index.ts';
import { type Fault, learnToy, otherDigest, ToyCamera, watch } from './toy-camera.ts';

let learned: ReferenceProfile;
const profile = () => learned;
beforeAll(() => {
  learned = learnToy();
}, 120_000);

/** A minute in order, then the fault; gives what was raised and when, in seconds after its begin. */
function withFault(fault: Fault, seconds = 60, seed = 2) {
  const monitor = new DriftMonitor(profile());
  const camera = new ToyCamera(seed);
  const before = watch(monitor, camera, 60);
  const begin = camera.atMs;
  const alarms = watch(monitor, camera, seconds, fault);
  return {
    monitor,
    camera,
    before,
    first: alarms[0],
    alarms,
    delayS: alarms[0] === undefined ? undefined : (alarms[0].atMs - begin) / 1000,
  };
}

describe('A camera in order', () => {
  it('raises nothing in ten minutes that it has not learned', () => {
    const monitor = new DriftMonitor(profile());
    expect(watch(monitor, new ToyCamera(5), 600)).toEqual([]);
    expect(monitor.state().judging).toBe(true);
  });
});

describe('Faults of the sensor are named', () => {
  const faults: [name: string, fault: Fault, message: string][] = [
    ['a frozen picture', { frozen: true }, 'sensor fault: frozen'],
    ['a black picture', { gain: 0.02, detail: 0 }, 'sensor fault: black'],
    ['lost light', { gain: 0.4 }, 'sensor fault: black'],
    ['a lens out of focus', { detail: 0.15 }, 'sensor fault: blurred'],
    ['noise', { noise: 5 }, 'sensor fault: noisy'],
    ['a knock against the camera', { shift: 8 }, 'sensor fault: moved'],
    ['dirt on the lens', { dirt: 20 }, 'sensor fault: dirty'],
    ['a lost colour channel', { red: 0.5 }, 'sensor fault: wrong colour'],
    ['exposure stuck too high', { gain: 1.3, offset: 130 }, 'sensor fault: overexposed'],
  ];
  for (const [name, fault, message] of faults) {
    it(`${name}: ${message}, within ten seconds`, () => {
      const { before, first, delayS } = withFault(fault);
      expect(before).toEqual([]);
      expect(first?.message).toBe(message);
      expect(first?.phase).toBe('raised');
      expect(delayS).toBeLessThan(10);
    });
  }

  // The boxes of the toy stay: no answer says that anything is missing.
  it.each([0.35, 0.5, 0.7])('a view that is covered to %d is an alarm, whoever is missed there', (cover) => {
    const said = withFault({ cover }, 20).alarms.at(-1);
    expect(said).toMatchObject({ message: 'sensor fault: covered', grade: 'alarm' });
    expect(said!.expectedLoss).toBeGreaterThan(0.15);
  });

  it('something that hides an eighth of the view is no alarm', () => {
    const { alarms } = withFault({ cover: 0.125 });
    expect(alarms.filter(({ grade }) => grade === 'alarm')).toEqual([]);
  });

  it('without a profile, those that a picture shows by itself', () => {
    for (const [fault, message] of [
      [{ frozen: true }, 'sensor fault: frozen'],
      [{ gain: 0.02 }, 'sensor fault: black'],
    ] as const) {
      const monitor = new DriftMonitor(undefined);
      const camera = new ToyCamera(3);
      expect(watch(monitor, camera, 30)).toEqual([]);
      expect(watch(monitor, camera, 20, fault)[0]?.message).toBe(message);
      expect(monitor.state().reason).toMatch(/no reference profile/);
    }
  });

  it('a second without a picture is no fault, two are, and the gap leaves no trace', () => {
    for (const fault of [
      { gain: 0.02, detail: 0 },
      { gain: 1.3, offset: 130 },
    ]) {
      const { camera, monitor, alarms } = withFault(fault, 1);
      expect(alarms).toEqual([]);
      expect(watch(monitor, camera, 60)).toEqual([]);
      const again = camera.atMs;
      expect((watch(monitor, camera, 10, fault)[0]!.atMs - again) / 1000).toBeLessThan(4);
    }
  });

  it('clears when the fault ends, without a second alarm about its after-effects', () => {
    const { monitor, camera, first } = withFault({ gain: 0.02, detail: 0 });
    const later = watch(monitor, camera, 120);
    expect(later.map(({ phase, message }) => `${phase} ${message}`)).toEqual(['cleared sensor fault: black']);
    expect(later[0]?.incident).toBe(first?.incident);
  });

  it('carries the view and the signals that say so', () => {
    const { first } = withFault({ detail: 0.15 });
    expect(first?.view?.length).toBe(64 * 36);
    const sharpness = first?.signals.find(({ name }) => name === 'log_sharpness');
    expect(sharpness?.deviations).toBeLessThan(-5);
    expect(sharpness!.value).toBeLessThan(sharpness!.usual!);
    expect(first!.sinceMs).toBeLessThanOrEqual(first!.atMs);
  });
});

describe('The scene and the model', () => {
  it('fog is a scene change', () => {
    const { first, delayS } = withFault({ gain: 0.55, offset: 85, detail: 0.5 });
    expect(first?.message).toBe('scene change: hazier');
    expect(delayS).toBeLessThan(60);
  });

  it('a class that was never seen is a label shift', () => {
    const { first } = withFault({ label: 'zebra', width: 4 });
    expect(first?.verdict).toEqual({ kind: 'label-shift' });
  });

  it('the same things that are called something else are a model regression', () => {
    const { first } = withFault({ label: 'zebra' });
    expect(first?.verdict).toEqual({ kind: 'model-regression' });
  });

  it('scores that fell while the picture stayed are a model regression', () => {
    const { first } = withFault({ scoreFactor: 0.55 });
    expect(first?.verdict).toEqual({ kind: 'model-regression' });
  });

  it('boxes that come and go are a model regression', () => {
    const { first } = withFault({ dropped: 0.5 });
    expect(first?.verdict).toEqual({ kind: 'model-regression' });
  });

  it('NaN scores are a model regression and reach no other signal', () => {
    const { first, monitor } = withFault({ nan: true });
    expect(first?.verdict).toEqual({ kind: 'model-regression' });
    expect(first?.signals.map(({ name }) => name)).toContain('invalid_share');
    for (const { name, value } of monitor.state().signals) {
      if (name === 'score') expect(value).toBeNaN();
      else expect(Number.isFinite(value) || Number.isNaN(value)).toBe(true);
    }
  });

  it('a wrong known answer is an alarm with the loss that was measured, until a right one comes', () => {
    const { monitor, camera } = withFault({}, 1);
    const answered = (right: boolean, agreement: number | undefined) =>
      monitor.knownAnswer({ right, agreement }, camera.atMs);
    answered(true, 0.97);
    answered(false, undefined);
    expect(watch(monitor, camera, 30)).toEqual([]);
    answered(false, 0.4);
    expect(watch(monitor, camera, 60)).toMatchObject([
      { phase: 'raised', message: 'model regression', grade: 'alarm', expectedLoss: expect.closeTo(0.6) },
    ]);
    expect(monitor.state().expectedLoss).toBeCloseTo(0.6);
    answered(true, 0.97);
    expect(watch(monitor, camera, 30).map(({ phase }) => phase)).toEqual(['cleared']);
  });

  it('a wrong known answer makes an alarm of a notice, and another model begins anew', () => {
    const { monitor, camera, first } = withFault({ gain: 0.55, offset: 85, detail: 0.5 }, 20);
    expect(first?.grade).toBe('notice');
    monitor.knownAnswer({ right: false, agreement: 0.5 }, camera.atMs);
    const fog = { gain: 0.55, offset: 85, detail: 0.5 };
    expect(watch(monitor, camera, 20, fog)).toMatchObject([{ phase: 'changed', grade: 'alarm' }]);
    monitor.deployment(camera.atMs);
    expect(watch(monitor, camera, 50).map(({ phase }) => phase)).toEqual(['cleared']);
  });

  it('rests for a model that the profile does not know, and goes on watching the sensor', () => {
    const monitor = new DriftMonitor(profile());
    const camera = new ToyCamera(2);
    watch(monitor, camera, 30);
    expect(monitor.state().watched).toEqual(['sensor', 'scene', 'model']);
    expect(watch(monitor, camera, 200, { digest: otherDigest, scoreFactor: 0.4 })).toEqual([]);
    expect(monitor.state().watched).toEqual(['sensor', 'scene']);
    expect(monitor.state().reason).toMatch(/belongs to the model/);
    expect(watch(monitor, camera, 30, { digest: otherDigest, detail: 0.15 })[0]?.message).toBe(
      'sensor fault: blurred',
    );
  });

  it('says nothing of scene and model while a deployment is under way', () => {
    const monitor = new DriftMonitor(profile());
    const camera = new ToyCamera(2);
    watch(monitor, camera, 30);
    monitor.deployment(camera.atMs);
    expect(watch(monitor, camera, 55, { scoreFactor: 0.4 })).toEqual([]);
    // The model was touched a moment ago: it is the first suspect.
    expect(watch(monitor, camera, 60, { scoreFactor: 0.4 })[0]?.message).toBe('model regression');
  });
});

describe('Time', () => {
  it('5 frames/s instead of 30 is only a lost frame rate', () => {
    const monitor = new DriftMonitor({ ...profile(), framesPerSecond: 30 });
    const messages = watch(monitor, new ToyCamera(2), 60).map(({ message }) => message);
    expect(messages).toEqual(['sensor fault: frame rate lost']);
  });

  it('a camera that falls silent is found by the clock, and is over with the next frame', () => {
    const { monitor, camera } = withFault({}, 1);
    const alarms = [1, 2, 3, 4, 5].flatMap((s) => monitor.elapsed(camera.atMs + s * 1000));
    expect(alarms.map(({ message }) => message)).toEqual(['sensor fault: frame rate lost']);
    camera.atMs += 6000;
    expect(watch(monitor, camera, 1)[0]?.phase).toBe('cleared');
  });

  it('a device that slept for a week wakes up without an alarm', () => {
    const { monitor, camera } = withFault({}, 1);
    camera.atMs += 7 * 86_400_000;
    expect(watch(monitor, camera, 120)).toEqual([]);
  });

  it('a wall clock that jumps back and forth changes nothing', () => {
    const { monitor, camera } = withFault({}, 1);
    camera.wallOffsetMs -= 3_600_000;
    const back = watch(monitor, camera, 60);
    camera.wallOffsetMs += 400 * 86_400_000;
    expect([...back, ...watch(monitor, camera, 60)]).toEqual([]);
  });

  it('a monotonic time that goes back is treated as a new start', () => {
    const { monitor, camera } = withFault({}, 1);
    camera.atMs = 0;
    expect(watch(monitor, camera, 60)).toEqual([]);
  });

  it('no detections for long is one incident, without a NaN in it', () => {
    const { alarms } = withFault({ empty: true }, 600);
    expect(alarms.filter(({ phase }) => phase === 'raised').length).toBeLessThanOrEqual(1);
    for (const { signals } of alarms) for (const { deviations } of signals) expect(deviations).not.toBeNaN();
  });
});
