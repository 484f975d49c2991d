import { beforeAll, describe, expect, it } from 'vitest';
import { CameraMonitor } from '../../../../src/agent/drift/camera-monitor.ts';
import type { DriftServiceOptions } from '../../../../src/agent/drift/drift-service.ts';
import { watchedAreas } from '../../../../src/agent/drift/watched-areas.ts';
import { type AgentEvent, DriftService } from '../../../../src/agent/index.ts';
import { InputError } from '../../../../src/base/index.ts';
import type { ReferenceProfile, WatchedAreas } from '../../../../src/drift/index.ts';
import type { CameraRules, Frame } from '../../../../src/perception/index.ts';
import { type DriftSettings, type DriftStatus, readDriftEvent } from '../../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { driftPorts, type FakeDrift } from '../../../fakes/fake-drift.ts';
import { digest, type Fault, learnToy, otherDigest, ToyCamera } from '../../drift/toy-camera.ts';

let profile: ReferenceProfile;
beforeAll(() => {
  profile = learnToy();
});

/** One watch over a toy camera: thumbnails without pixels. */
class Watched {
  readonly clock = new FakeClock();
  readonly told: AgentEvent[] = [];
  readonly ports: FakeDrift = driftPorts(this.clock, this.told);
  readonly camera: ToyCamera;
  watch!: CameraMonitor;

  constructor(seed = 2, fps = 5) {
    this.camera = new ToyCamera(seed, fps);
  }

  /** As after a start of the agent: the disk has what it had. */
  async start(settings: DriftSettings = {}): Promise<this> {
    const followed = (await this.ports.profiles.followed()).get('toy');
    this.watch = new CameraMonitor(
      { camera: 'toy', utcOffsetHours: 0, followed },
      { ...this.ports, onChange: () => {}, onAlarm: () => undefined },
    );
    this.watch.configure(settings);
    return this;
  }

  async run(seconds: number, fault: Fault = {}): Promise<void> {
    const { fps } = this.camera;
    for (let i = 0; i < seconds * fps; i++) {
      const { thumbnail, result, atMs } = this.camera.next(fault);
      this.watch.observe(thumbnail, result, atMs);
      if (i % fps === 0) {
        this.watch.elapsed(atMs);
        await settle();
      }
    }
    await settle();
  }

  get said(): string[] {
    return this.told.map(({ kind, message }) => `${kind}: ${message}`);
  }

  get status(): DriftStatus {
    return this.watch.status();
  }
}

async function withProfile(seed?: number, fps?: number): Promise<Watched> {
  const watched = new Watched(seed, fps);
  watched.ports.profiles.shipped = profile;
  return watched.start();
}

describe('A camera with a profile', () => {
  it('is watched, says nothing of an ordinary scene, and has all of it in its status', async () => {
    const watched = await withProfile();
    await watched.run(120);
    expect(watched.said).toEqual([]);
    expect(watched.status).toMatchObject({ state: 'watching', profile: { modelDigest: digest } });
    expect(watched.status.profile?.seconds).toBeGreaterThan(1000);
    expect(watched.status.reason).toBeUndefined();
    expect(watched.status.signals.find(({ name }) => name === 'brightness')?.value).toBeGreaterThan(0.1);
    for (const { value, deviations } of watched.status.signals)
      expect([value, deviations].every(Number.isFinite)).toBe(true);
  });

  it('tells fog as a scene change with its signals, and its end', async () => {
    const watched = await withProfile();
    await watched.run(60);
    await watched.run(30, { gain: 0.5, offset: 60, detail: 0.4 });
    expect(watched.told[0]).toMatchObject({ kind: 'drift.alarm', severity: 'info', camera: 'toy' });
    const data = readDriftEvent(watched.told[0] as AgentEvent);
    expect(data).toMatchObject({
      ...{ incident: 1, verdict: { kind: 'scene-change' }, grade: 'notice', modelDigest: digest },
    });
    expect(data?.signals.length).toBeGreaterThan(0);
    await watched.run(120);
    expect(watched.told.at(-1)).toMatchObject({ kind: 'drift.cleared', severity: 'info' });
    expect(watched.status.incident).toBeUndefined();
  });

  it('numbers incidents on, over a change of the false-alarm rate that ends the open one', async () => {
    const watched = await withProfile();
    await watched.run(60);
    await watched.run(20, { detail: 0 });
    expect(watched.status.incident).toMatchObject({ number: 1 });
    watched.watch.configure({ falseAlarmDays: 3 });
    expect(watched.told.at(-1)).toMatchObject({ kind: 'drift.cleared' });
    expect(readDriftEvent(watched.told.at(-1) as AgentEvent)?.incident).toBe(1);
    await watched.run(60, { detail: 0 });
    expect(watched.status.incident).toMatchObject({ number: 2 });
  });
});

describe('An order to learn', () => {
  const learn = { order: 'first', hours: 0.3 };
  // Two frames a second: what is learned counts seconds.
  const learning = () => new Watched(2, 2).start({ learn });

  it('is followed: learning, then watching, with what is usual kept and told', async () => {
    const watched = await new Watched().start({ learn });
    await watched.run(600);
    expect(watched.status).toMatchObject({ state: 'learning', learn: { order: 'first', state: 'learning' } });
    expect(watched.status.learn?.progress).toBeGreaterThan(0.5);
    await watched.run(500);
    expect(watched.said).toEqual([
      expect.stringMatching(
        /^drift.learned: The usual state is learned; the camera is watched for drift. About \d+ min/,
      ),
    ]);
    expect(watched.status).toMatchObject({ state: 'watching', learn: { state: 'done', progress: 1 } });
    await watched.run(60);
    await watched.run(30, { detail: 0 });
    expect(watched.said.at(-1)).toBe('drift.alarm: sensor fault: blurred');
    expect(watched.ports.learners.map(({ closed }) => closed)).toEqual([true]);
  });

  it('is followed once, also over a restart, and the profile is there at once', async () => {
    const watched = await learning();
    await watched.run(1100);
    expect(watched.ports.profiles.saves).toBe(1);
    await watched.start({ learn });
    await watched.run(60);
    expect(watched.status).toMatchObject({ state: 'watching', learn: { order: 'first', state: 'done' } });
    expect(watched.ports.learners).toHaveLength(1);
    watched.watch.configure({ learn: { ...learn, order: 'second' } });
    await watched.run(2);
    expect(watched.status.state).toBe('learning');
  });

  it('that a restart interrupted continues from its stored progress to its end', async () => {
    const watched = await learning();
    await watched.run(600);
    const before = watched.status.learn?.progress ?? 0;
    // Killed: nothing is told to the learner.
    await watched.start({ learn });
    await watched.run(2);
    expect(watched.status).toMatchObject({ state: 'learning', learn: { order: 'first' } });
    const kept = watched.status.learn?.progress ?? 0;
    expect(kept).toBeGreaterThan(before - 0.13);
    expect(kept).toBeLessThanOrEqual(before);
    await watched.run(650);
    expect(watched.said).toEqual([
      expect.stringMatching(
        /^drift.learned: The usual state is learned; the camera is watched for drift. About \d+ min/,
      ),
    ]);
    // To be merged with what was learned elsewhere.
    expect(watched.ports.kept.size).toBe(1);
    await watched.run(60);
    await watched.run(30, { detail: 0 });
    expect(watched.said.at(-1)).toBe('drift.alarm: sensor fault: blurred');
  });

  it('that a restart with another model interrupted says so and begins anew', async () => {
    const watched = await learning();
    await watched.run(600);
    await watched.start({ learn });
    await watched.run(2, { digest: otherDigest });
    expect(watched.told).toMatchObject([
      { kind: 'drift.learn-restarted', severity: 'warning', camera: 'toy' },
    ]);
    expect(watched.told[0]?.message).toContain(otherDigest);
    expect(watched.status.learn?.progress).toBeLessThan(0.01);
  });

  it('that a new order took the place of leaves nothing for it', async () => {
    const watched = await learning();
    await watched.run(300);
    expect(watched.ports.kept.size).toBe(1);
    watched.watch.configure({ learn: { ...learn, order: 'second' } });
    await watched.run(2);
    expect(watched.ports.kept.size).toBe(0);
    expect(watched.status.learn?.progress).toBeLessThan(0.01);
    expect(watched.said).toEqual([]);
  });

  it('begins anew with the model that was swapped in', async () => {
    const watched = await learning();
    await watched.run(300);
    await watched.run(10, { digest: otherDigest });
    expect(watched.ports.learners).toHaveLength(2);
    expect(watched.status.learn?.progress).toBeLessThan(0.02);
    expect(watched.said.map((said) => said.split(':')[0])).toEqual(['drift.learn-restarted']);
  });

  it('fails with the reason where the thread dies or the disk is full, and a new order tries again', async () => {
    const watched = await learning();
    await watched.run(10);
    watched.ports.learners[0]!.failure = new Error('out of memory');
    await watched.run(2);
    expect(watched.said).toEqual(['drift.learn-failed: out of memory']);
    expect(watched.status).toMatchObject({
      state: 'sensor-only',
      learn: { state: 'failed', reason: 'out of memory' },
    });
    watched.ports.profiles.full = true;
    watched.watch.configure({ learn: { ...learn, order: 'second' } });
    await watched.run(1100);
    expect(watched.said.at(-1)).toBe('drift.learn-failed: No space left. Make room, then try again.');
    expect(watched.status.learn).toMatchObject({ order: 'second', state: 'failed' });
  });

  it('is taken back by an order without it', async () => {
    const watched = await learning();
    await watched.run(10);
    watched.watch.configure({});
    await watched.run(2);
    expect(watched.status.state).toBe('sensor-only');
    expect(watched.ports.learners[0]!.closed).toBe(true);
  });
});

describe('Nothing crashes, and no alarm is raised for the wrong reason', () => {
  const valid = (watched: Watched) => {
    for (const event of watched.told.filter(({ kind }) => kind.startsWith('drift.')))
      expect(readDriftEvent(event)).toBeDefined();
  };

  it('NaN scores are a model regression, and the event has numbers only', async () => {
    const watched = await withProfile();
    await watched.run(60);
    await watched.run(30, { nan: true });
    expect(watched.said).toEqual(['drift.alarm: model regression']);
    valid(watched);
  });

  it('no detections for long while things still move is one incident: the model is blind, not the lens dirty', async () => {
    const watched = await withProfile();
    await watched.run(60);
    await watched.run(1200, { empty: true });
    expect(watched.said).toEqual(['drift.alarm: model regression']);
    valid(watched);
  });

  it('a class that the reference never saw is a label shift', async () => {
    const watched = await withProfile();
    await watched.run(60);
    await watched.run(60, { label: 'elephant', width: 4 });
    expect(watched.said[0]).toBe('drift.alarm: label shift');
    valid(watched);
  });

  it('a profile of another model is refused by its digest, said once, and the sensor is still watched', async () => {
    const watched = new Watched();
    watched.ports.profiles.shipped = { ...profile, modelDigest: otherDigest };
    await watched.start();
    await watched.run(30);
    expect(watched.said).toEqual([
      `drift.profile-refused: The drift profile belongs to the model ${otherDigest}, but ${digest} runs. Make a profile with this model, or let the device learn it; until then what the model gives is not watched. Watched on: sensor.`,
    ]);
    expect(watched.status).toMatchObject({ state: 'sensor-only', watched: ['sensor'] });
    expect(watched.status.reason).toContain(otherDigest);
    await watched.run(20, { frozen: true });
    expect(watched.said.at(-1)).toBe('drift.alarm: sensor fault: frozen');
  });

  it('a model that was swapped in without a profile keeps the view, and status and event say what is not watched', async () => {
    const watched = await withProfile();
    await watched.run(60);
    expect(watched.status).toMatchObject({ state: 'watching', watched: ['sensor', 'scene', 'model'] });
    watched.ports.profiles.shipped = undefined;
    await watched.run(5, { digest: otherDigest });
    expect(watched.status).toMatchObject({
      ...{ state: 'sensor-only', watched: ['sensor', 'scene'], profile: { modelDigest: digest } },
      reason: expect.stringContaining('what the model that runs gives is not watched'),
    });
    expect(watched.told).toMatchObject([
      {
        ...{ kind: 'drift.profile-missing', severity: 'warning', camera: 'toy' },
        message: expect.stringMatching(/^The reference profile belongs to .* Watched on: sensor, scene\.$/),
      },
    ]);
    // The scene is: a lens that fogs up is found.
    await watched.run(120, { digest: otherDigest });
    await watched.run(60, { digest: otherDigest, detail: 0 });
    expect(watched.said.at(-1)).toMatch(/^drift\.(alarm|changed): sensor fault: blurred$/);
  });

  it('a new model with a profile is watched without a report', async () => {
    const watched = await withProfile();
    await watched.run(60);
    watched.ports.profiles.shipped = { ...profile, modelDigest: otherDigest };
    await watched.run(100, { digest: otherDigest });
    expect(watched.status).toMatchObject({
      ...{ state: 'watching', watched: ['sensor', 'scene', 'model'] },
      profile: { modelDigest: otherDigest },
    });
    expect(watched.status.reason).toBeUndefined();
    expect(watched.said).toEqual([]);
  });

  it('a model that was swapped in has its own profile taken when there is one', async () => {
    const watched = await withProfile();
    await watched.run(60);
    await watched.run(30, { digest: otherDigest });
    expect(watched.status).toMatchObject({ state: 'sensor-only', profile: { modelDigest: digest } });
    expect(watched.status.reason).toContain('belongs to the model');
    await watched.start();
    watched.ports.profiles.profiles.set(`toy ${otherDigest}`, { ...profile, modelDigest: otherDigest });
    await watched.run(30, { digest: otherDigest });
    expect(watched.status.profile?.modelDigest).toBe(otherDigest);
    expect(watched.said.filter((said) => said.startsWith('drift.alarm'))).toEqual([]);
  });

  it('a wall clock that jumps changes nothing', async () => {
    const watched = await withProfile();
    await watched.run(60);
    watched.camera.wallOffsetMs += 10 * 365 * 86_400_000;
    await watched.run(60);
    watched.camera.wallOffsetMs = 0;
    await watched.run(60);
    expect(watched.said).toEqual([]);
  });

  it('5 frames/s instead of 30 is only a lost frame rate', async () => {
    const learned = { ...profile, framesPerSecond: 30 };
    const watched = new Watched();
    watched.ports.profiles.shipped = learned;
    await watched.start();
    await watched.run(60);
    expect(watched.said).toEqual(['drift.alarm: sensor fault: frame rate lost']);
  });

  it('a device that slept for a week wakes up without an alarm', async () => {
    const watched = await withProfile();
    await watched.run(60);
    watched.camera.atMs += 7 * 86_400_000;
    await watched.run(60);
    expect(watched.said).toEqual([]);
  });
});

describe('A camera whose drift names zones', () => {
  const lower: WatchedAreas = {
    within: [
      {
        points: [
          [0, 0.6],
          [1, 0.6],
          [1, 1],
          [0, 1],
        ],
      },
    ],
    outside: [],
  };

  it('does not compare what a profile of all objects says, says so, and learns again', async () => {
    const watched = await withProfile();
    await watched.run(10);
    expect(watched.status.state).toBe('watching');
    watched.watch.configure({ within: ['lower'], learn: { order: 'again', hours: 0.3 } }, lower);
    await watched.run(10);
    expect(watched.status).toMatchObject({ state: 'learning', watched: ['sensor'] });
    expect(watched.status.reason).toContain('learned with other zones');
    await watched.run(1200);
    expect(watched.status).toMatchObject({ state: 'watching', learn: { order: 'again', state: 'done' } });
    expect([...watched.ports.profiles.profiles.values()].map(({ areas }) => areas)).toEqual([lower]);
    watched.watch.configure({});
    await watched.run(10);
    expect(watched.status.state).toBe('sensor-only');
  });

  it('without one of them watches the sensor alone, and names those that there are', async () => {
    const watched = await withProfile();
    const learn = { order: 'first', hours: 0.3 };
    const zones = { yard: { points: lower.within[0]!.points as [number, number][] } };
    const settings = { within: ['lower'], learn };
    const problem = expectError(() => watchedAreas('toy', settings, { zones }));
    watched.watch.configure(settings, problem);
    await watched.run(10);
    expect(watched.status).toMatchObject({
      ...{ state: 'sensor-only', watched: ['sensor'] },
      reason: 'Drift of toy names the zone lower, which the camera does not have. Its zones are yard.',
    });
    watched.watch.configure({ ...settings, within: ['yard'] }, lower);
    await watched.run(10);
    expect(watched.status.state).toBe('learning');
  });

  function expectError(act: () => unknown): InputError {
    try {
      act();
    } catch (error) {
      if (error instanceof InputError) return error;
    }
    throw new Error('It was not refused.');
  }
});

describe('The drift service', () => {
  const options: DriftServiceOptions = {
    cameras: { front: { falseAlarmDays: 7, frames: { keep: true, margin: 0.1 } }, rear: {} },
    utcOffsetHours: 0,
    knownAnswerMinutes: 0,
  };

  it('merges the settings of the fleet over those of the start, field by field', async () => {
    const clock = new FakeClock();
    const ports = driftPorts(clock, []);
    const service = await DriftService.start(options, ports);
    service.configure('front', { frames: { margin: 0 } });
    service.configure('nobody', { watch: false });
    expect(Object.keys(service.statuses())).toEqual(['front', 'rear']);
    expect(service.statuses().front?.hardFrames).toEqual({ count: 0, bytes: 0 });
    expect(service.statuses().rear?.hardFrames).toBeUndefined();
    await service.close();
    expect(clock.pending).toBe(0);
  });

  it('follows the zones of a camera: one that is drawn later is watched from then on', async () => {
    const points = [
      [0, 0],
      [1, 0],
      [1, 1],
    ] satisfies [number, number][];
    let rules: CameraRules = {};
    const ports = { ...driftPorts(new FakeClock(), []), rules: () => rules };
    const cameras = { toy: { within: ['gate'] } };
    const service = await DriftService.start({ ...options, cameras }, ports);
    const { result } = new ToyCamera(1).next();
    const frame = { camera: 'toy', encoding: 'jpeg' } as Frame;
    service.publish(result, frame);
    expect(service.statuses().toy?.reason).toContain('names the zone gate');
    rules = { zones: { gate: { points } } };
    service.publish(result, frame);
    expect(service.statuses().toy?.reason).toContain('no reference profile');
    await service.close();
  });

  it('leaves a camera alone that it was not started with', async () => {
    const service = await DriftService.start({ ...options, cameras: {} }, driftPorts(new FakeClock(), []));
    const { result } = new ToyCamera(1).next();
    expect(() => service.publish(result, {} as Frame)).not.toThrow();
    await service.close();
  });
});
