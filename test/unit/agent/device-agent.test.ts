import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { freshAgentState } from '../../../src/agent/index.ts';
import { CancelledError, InputError, LimitError } from '../../../src/base/index.ts';
import { metricNames, topics } from '../../../src/protocol/index.ts';
import { FakeClock, settle } from '../../fakes/fake-clock.ts';
import { FakeController, FakeDevice, modelOf } from '../../fakes/fake-device.ts';
import { identityOf } from '../../fakes/fake-pipeline.ts';
import { FakeBroker } from '../../fakes/fake-transport.ts';
import { RecordingLog } from '../../fakes/recording-log.ts';

const began = 1_790_000_000_000;

const idle = { state: 'idle' as const, restarts: 0 };

describe('The agent', () => {
  let clock: FakeClock;
  let broker: FakeBroker;
  let device: FakeDevice;

  beforeEach(() => {
    clock = new FakeClock(began);
    broker = new FakeBroker(clock);
    device = new FakeDevice(broker, clock);
  });

  const resultOf = (digest: string) => ({
    camera: 'front',
    sequence: 0,
    stampNs: 0n,
    frameId: 'f',
    width: 10,
    height: 10,
    detections: [],
    identity: identityOf(digest),
    timings: { preprocessMs: 1, inferMs: 20, postprocessMs: 1 },
    candidates: 0,
    captureToPublishMs: 30,
  });

  describe('birth and death', () => {
    it('sends its birth first, then its state, then the outbox', async () => {
      await device.start();
      void device.agent.reportEvent({ kind: 'camera.lost', severity: 'error', message: 'gone' });
      await clock.pass(1000);
      expect(broker.log.map(({ topic }) => topic.split('/').at(-1))).toEqual([
        'state',
        'reported',
        'events',
        'metrics',
      ]);
      expect(device.sent('state')[0]).toMatchObject({
        online: true,
        session: began,
        cameras: ['front'],
        groups: ['north'],
        board: { name: 'Fake' },
      });
      expect(broker.retained.has(topics.state('d1'))).toBe(true);
      expect(device.sent('reported')[0]).toMatchObject({
        generation: 0,
        slots: {
          main: {
            ...{ deployment: { state: 'idle' }, loaded: { digest: modelOf('a').digest }, cameras: ['front'] },
          },
        },
      });
    });

    it('says to which groups it belongs by now: a device that enrols gets to know them then', async () => {
      let groups: string[] = [];
      await device.start({ groups: () => groups });
      groups = ['trucks'];
      await clock.pass(1000);
      expect(device.sent('state')[0]).toMatchObject({ online: true, groups: ['trucks'] });
    });

    it('says with the next batch what somebody on the device set of a camera, once', async () => {
      await device.start();
      await clock.pass(1000);
      const reported = () => device.sent('reported').map(({ pipelines }) => pipelines?.front?.enabled);
      device.pipeline.configure('front', { enabled: false });
      await clock.pass(40_000);
      expect(reported()).toEqual([true, false]);
      device.pipeline.configure('front', { enabled: true });
      await clock.pass(40_000);
      expect(reported()).toEqual([true, false, true]);
      const kinds = broker.log.map(({ topic }) => topic.split('/').at(-1));
      expect(kinds.indexOf('reported', 2)).toBeLessThan(kinds.indexOf('metrics'));
    });

    it('counts sessions up over restarts', async () => {
      await device.start();
      device.kill();
      await device.start();
      expect(device.agent.session).toBe(began + 1);
      await clock.pass(10);
      device.kill();
      await clock.pass(6000);
      expect(device.sent('state').at(-1)).toEqual({
        online: false,
        session: began + 1,
        reason: 'connection-lost',
      });
    });

    it('says goodbye when it is closed, and leaves no timer behind', async () => {
      await device.start();
      await clock.pass(100);
      await device.agent.close();
      expect(device.sent('state').at(-1)).toEqual({ online: false, session: began, reason: 'shutdown' });
      expect(device.outbox.closed).toBe(true);
      expect(device.detectors.every(({ closed }) => closed)).toBe(true);
      expect(clock.pending).toBe(0);
    });

    it('gives birth again on every connection', async () => {
      await device.start();
      await clock.pass(100);
      device.transport.cut(1000);
      await clock.pass(2000);
      expect(device.sent('state').filter(({ online }) => online)).toHaveLength(2);
    });

    it('says since when the session lasts: the same with every birth, by a clock that was set right too', async () => {
      const startedMs = () =>
        device
          .sent('state')
          .map((state) => (state.online ? state.startedMs : undefined))
          .at(-1);
      const beganMs = clock.wallMs();
      await device.start();
      await clock.pass(100);
      expect(startedMs()).toBe(beganMs);
      await clock.pass(3_600_000);
      device.transport.cut(1000);
      await clock.pass(2000);
      expect(startedMs()).toBe(beganMs);
      clock.jumpWall(50_000_000);
      device.transport.cut(1000);
      await clock.pass(2000);
      expect(startedMs()).toBe(beganMs + 50_000_000);
    });

    it('reports the target rate of every camera, and a fault as soon as it occurs', async () => {
      await device.start({ targetFps: { front: 15 } });
      await clock.pass(100);
      expect(device.sent('reported').at(-1)?.cameras).toEqual({ front: { targetFps: 15 } });
      device.pipeline.fault = 'No such file.';
      const event = { kind: 'camera.lost', severity: 'error' as const, message: 'gone', camera: 'front' };
      void device.agent.reportEvent(event);
      await clock.pass(200);
      expect(device.sent('reported').at(-1)?.cameras).toEqual({
        front: { targetFps: 15, fault: 'No such file.' },
      });
    });
  });

  describe('metrics', () => {
    it('have what happened to a camera at once: for a scraper, and for the fleet with the event', async () => {
      await device.start();
      await clock.pass(100);
      device.pipeline.received = 7;
      const received = () => {
        const reading = device.agent.readings().find(({ name }) => name === 'goshawk_frames_received_total');
        return reading?.kind === 'counter' ? reading.value : undefined;
      };
      expect(received()).toBe(7);
      const before = device.batches().length;
      device.pipeline.received = 8;
      const event = { kind: 'camera.lost', severity: 'error' as const, message: 'gone', camera: 'front' };
      void device.agent.reportEvent(event);
      await clock.pass(500);
      expect(device.batches()).toHaveLength(before + 1);
      expect(received()).toBe(8);
    });

    it('come in batches without a gap, with aliases that the birth before them explains', async () => {
      await device.start();
      device.pipeline.received = 300;
      for (let i = 0; i < 50; i++) device.agent.sink.publish(resultOf(modelOf('a').digest));
      await clock.pass(31_000);
      const batches = device.batches();
      expect(batches.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
      const known = new Map<number, string>();
      for (const message of broker.log) {
        if (message.topic === topics.state('d1')) {
          const state = device.sent('state').find(({ online }) => online);
          if (state?.online) for (const { alias, name } of state.catalogue) known.set(alias, name);
        }
      }
      const last = device.sent('state').at(-1);
      if (!last?.online) throw new Error('not online');
      const names = new Map(last.catalogue.map(({ alias, name }) => [alias, name]));
      const told = new Set(batches.flatMap(({ samples }) => samples.map(([, alias]) => names.get(alias))));
      for (const name of [
        metricNames.received,
        metricNames.processed,
        metricNames.fps,
        metricNames.latency,
        metricNames.infer,
        metricNames.memory,
        metricNames.cpu,
        metricNames.eventLoopDelay,
        metricNames.temperature,
        metricNames.power,
        metricNames.outboxEntries,
      ])
        expect(told).toContain(name);
      const latency = last.catalogue.find(({ name }) => name === metricNames.latency);
      expect(latency).toMatchObject({
        kind: 'histogram',
        unit: 'seconds',
        labels: { camera: 'front', model: 'street', version: '1' },
      });
      const firstBatchAt = broker.log.findIndex(({ topic }) => topic === topics.metrics('d1'));
      const birthsBefore = broker.log
        .slice(0, firstBatchAt)
        .filter(({ topic }) => topic === topics.state('d1'));
      expect(birthsBefore.length).toBeGreaterThanOrEqual(2);
    });

    it('keep their aliases in the next session', async () => {
      await device.start();
      await clock.pass(10_100);
      device.kill();
      await device.start();
      await clock.pass(10_100);
      const births = device.sent('state').flatMap((state) => (state.online ? [state] : []));
      const [before, after] = [births.at(1), births.at(-1)];
      for (const line of before?.catalogue ?? [])
        expect(after?.catalogue.find(({ alias }) => alias === line.alias)).toEqual(line);
    });

    it('are labelled by the model that runs, and end with it', async () => {
      await device.start();
      await clock.pass(10_100);
      device.order({ generation: 1, timeMs: 0, slots: { main: { model: modelOf('b', '2') } } });
      device.pipeline.received = 1000;
      device.pipeline.processed = 1000;
      await clock.pass(45_000);
      const memory = device.agent.readings().filter(({ name }) => name === metricNames.memory);
      expect(memory.map(({ labels }) => labels)).toEqual([{ model: 'street', version: '2' }]);
    });
  });

  describe('the outbox', () => {
    it('delivers every event once after a broker outage and a SIGKILL while offline', async () => {
      const controller = new FakeController(broker);
      await device.start();
      await clock.pass(100);
      const told: string[] = [];
      const reportEvent = async (message: string) => {
        if (await device.agent.reportEvent({ kind: 'test.event', severity: 'info', message }))
          told.push(message);
      };
      await reportEvent('online');
      await clock.pass(100);
      broker.stop();
      for (let i = 0; i < 5; i++) await reportEvent(`offline ${i}`);
      device.kill();
      await device.start();
      for (let i = 5; i < 8; i++) await reportEvent(`offline ${i}`);
      await clock.pass(20_000);
      broker.restart();
      await clock.pass(60_000);
      const messages = new Map(device.events().map(({ id, message }) => [id, message]));
      const arrived = [...messages.values()].filter((message) => message.startsWith('o'));
      expect(arrived.sort()).toEqual([...told].sort());
      expect(new Set(controller.eventIds).size).toBe(controller.eventIds.length);
      await clock.pass(9_000);
      expect(device.agent.outboxStats.entries).toBe(0);
    });

    it('marks batches that come late as historical and keeps their times', async () => {
      await device.start();
      await clock.pass(100);
      broker.stop();
      await clock.pass(60_000);
      broker.restart();
      await clock.pass(2_000);
      const batches = device.batches();
      expect(batches.length).toBeGreaterThanOrEqual(5);
      expect(batches[0]).toMatchObject({ historical: true, sequence: 0 });
      expect(batches[0]?.samples[0]?.[0]).toBe(began + 10_000);
    });

    it('tells of a damaged file and goes on', async () => {
      device.outbox.damage = 'The outbox was damaged and was moved.';
      await device.start();
      await clock.pass(1000);
      expect(device.events()).toMatchObject([
        { kind: 'outbox.damaged', severity: 'error', message: expect.stringContaining('moved') },
      ]);
    });

    it('goes on in memory while the disk is full, and says so', async () => {
      await device.start();
      await clock.pass(100);
      device.outbox.full = true;
      await device.agent.reportEvent({ kind: 'a.b', severity: 'info', message: 'x' });
      await clock.pass(1000);
      expect(device.events().map(({ kind }) => kind)).toContain('outbox.disk-failed');
      expect(device.events().map(({ kind }) => kind)).toContain('a.b');
      device.outbox.full = false;
      await clock.pass(20_000);
      expect(device.events().map(({ kind }) => kind)).toContain('outbox.disk-recovered');
    });
  });

  describe('calls', () => {
    let controller: FakeController;
    beforeEach(async () => {
      controller = new FakeController(broker);
      await device.start();
      await clock.pass(100);
    });

    it('rebirth sends birth, reported state and unacknowledged entries again, and answers', async () => {
      controller.commits = false;
      await device.agent.reportEvent({ kind: 'a.b', severity: 'info', message: 'x' });
      await clock.pass(1000);
      const before = device.sent('state').length;
      const reported = device.sent('reported').length;
      const events = device.events();
      controller.call('rebirth', {});
      await clock.pass(1000);
      expect(events).toHaveLength(1);
      expect(device.events()).toEqual([...events, ...events]);
      expect(device.sent('state')).toHaveLength(before + 1);
      expect(device.sent('reported')).toHaveLength(reported + 1);
      expect(controller.responses).toEqual([{ ok: true, result: {} }]);
    });

    it('describe tells what is so', async () => {
      controller.call('describe', {});
      await clock.pass(100);
      expect(controller.responses).toMatchObject([
        {
          ok: true,
          result: {
            device: 'd1',
            session: began,
            slots: { main: { deployment: { state: 'idle' } } },
            outbox: {},
          },
        },
      ]);
    });

    it('preview lets pictures of a camera through at the pace asked for, and for no longer', async () => {
      expect(device.agent.previewDue('front')).toBeUndefined();
      controller.call('preview', { camera: 'front', seconds: 2, maxFps: 5, maxWidth: 320, role: 'viewer' });
      await clock.pass(1000);
      let sent = 0;
      for (let i = 0; i < 300; i++) {
        const due = device.agent.previewDue('front');
        if (due !== undefined) {
          sent++;
          expect(due.maxWidth).toBe(320);
        }
        await clock.pass(10);
      }
      expect(sent).toBeGreaterThanOrEqual(5);
      expect(sent).toBeLessThanOrEqual(7);
      expect(device.agent.previewDue('front')).toBeUndefined();
    });

    it('preview of a camera that is not there is answered with the ones that are', async () => {
      controller.call('preview', { camera: 'rear', seconds: 5, maxFps: 5, maxWidth: 320, role: 'viewer' });
      await clock.pass(100);
      expect(controller.responses).toMatchObject(
        [{ ok: false, code: 'camera-unknown', remedy: /front/ }].map((one) => ({
          ...one,
          remedy: expect.stringMatching(one.remedy),
        })),
      );
    });

    it('updates says whether a model may be switched, to a device that asks for it and to no other', async () => {
      controller.call('updates', { hold: true, seconds: 60 });
      await clock.pass(100);
      expect(controller.responses).toMatchObject([{ ok: false, code: 'updates-not-asked' }]);
      const heard: object[] = [];
      device.kill();
      device.updates = { take: (request) => heard.push(request) };
      await device.start();
      await clock.pass(100);
      const said = { hold: true, seconds: 60, reason: 'It drives.' };
      controller.call('updates', said);
      await clock.pass(100);
      controller.call('updates', { hold: false, seconds: 1e9 });
      await clock.pass(100);
      expect(heard).toEqual([said]);
      expect(controller.responses.slice(1)).toMatchObject([{ ok: true }, { code: 'payload-invalid' }]);
    });

    it('that are unknown or do not fit are answered, counted, and break nothing', async () => {
      controller.call('explode', {});
      controller.call('preview', { camera: 7 });
      await clock.pass(100);
      expect(controller.responses).toMatchObject([
        { ok: false, code: 'call-unknown' },
        { ok: false, code: 'payload-invalid' },
      ]);
      const refused = device.agent.readings().find(({ name }) => name === metricNames.refusedPayloads);
      expect(refused).toMatchObject({ value: 2, labels: { kind: 'call' } });
    });
  });

  describe('what can go wrong', () => {
    it('any bytes on any topic it listens to change nothing', async () => {
      await device.start();
      await clock.pass(100);
      const topic = fc.constantFrom(
        topics.desired('d1'),
        ...['ack', 'rebirth', 'preview', 'describe', 'x'].map((method) => topics.call('d1', method)),
      );
      const payload = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.json().map((json) => new TextEncoder().encode(json)),
      );
      await fc.assert(
        fc.asyncProperty(topic, payload, async (to, bytes) => {
          device.transport.receive({ topic: to, payload: bytes, qos: 1, retain: false });
          await settle();
          expect(device.agent.slots.main?.deployment.state).toBe('idle');
        }),
        { numRuns: 200 },
      );
      await clock.pass(10_000);
      expect(device.batches().length).toBe(1);
    });

    it('a clock that is set back by an hour breaks neither sequence, nor delivery, nor deployment', async () => {
      new FakeController(broker);
      await device.start();
      await clock.pass(25_000);
      device.order({ generation: 1, timeMs: clock.wallMs(), slots: { main: { model: modelOf('b') } } });
      await clock.pass(5_000);
      clock.jumpWall(-3_600_000);
      await clock.pass(60_000);
      const sequences = device.batches().map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_, i) => i));
      expect(sequences.length).toBe(9);
      expect(device.batches().every(({ historical }) => !historical)).toBe(true);
      expect(device.agent.slots.main?.deployment.state).toBe('committed');
      await device.agent.reportEvent({ kind: 'after.jump', severity: 'info', message: 'x' });
      await clock.pass(9_000);
      expect(device.agent.outboxStats.entries).toBe(0);
    });

    it('a clock from before 1970 makes no payload that the fleet would refuse', async () => {
      clock.jumpWall(-began - 5_000_000);
      await device.start();
      await clock.pass(11_000);
      expect(device.sent('state').length).toBeGreaterThan(0);
      expect(device.batches().length).toBe(1);
    });

    it('a state that is damaged or cannot be saved is reported and stops nothing', async () => {
      device.memory.stored = { version: 1, session: 'many' };
      device.memory.fail = new LimitError('disk-full', 'The disk is full.', 'Make room.');
      await device.start();
      await clock.pass(1000);
      expect(device.events().map(({ kind }) => kind)).toContain('agent.memory-damaged');
      device.order({ generation: 3, timeMs: 0, slots: { main: { model: modelOf('b') } } });
      await clock.pass(40_000);
      expect(device.agent.slots.main?.deployment.state).toBe('committed');
      expect(device.events().map(({ kind }) => kind)).toContain('memory.disk-failed');
    });

    it('a disk that takes no session number makes no start like another', async () => {
      device.memory.stored = { ...freshAgentState(0), session: 7 };
      device.memory.fail = new LimitError('memory-disk', 'The disk is full.', 'Make room.');
      const sessions: number[] = [];
      for (const random of [0.2, 0.9, 0.4]) {
        // Clocks without a battery begin at the same time with every start.
        device.random = () => random;
        sessions.push((await device.start()).session);
        device.kill();
      }
      expect(new Set(sessions).size).toBe(3);
      for (const session of sessions) expect(session).toBeGreaterThan(began);
      clock.jumpWall(3_600_000);
      expect((await device.start()).session).toBeGreaterThan(Math.max(...sessions));
      // The disk works again: the number that it gets is the one that was used, and the next one is above it.
      device.memory.fail = undefined;
      const last = device.agent.session;
      await clock.pass(1000);
      device.order({ generation: 1, timeMs: 0, pipelines: {} });
      await clock.pass(1000);
      device.kill();
      expect((await device.start()).session).toBe(last + 1);
    });

    it('payloads that are refused fill no log', async () => {
      const log = new RecordingLog();
      device.log = log;
      await device.start();
      await clock.pass(1000);
      for (let round = 0; round < 500; round++) device.order({ generation: -1 });
      await clock.pass(100);
      expect(log.at('warn').filter(([line]) => line === 'A payload was refused')).toHaveLength(1);
      const refused = device.agent.readings().find(({ name }) => name === metricNames.refusedPayloads);
      expect(refused).toMatchObject({ value: 500, labels: { kind: 'desired' } });
    });

    it('a model that is gone from the disk is told, fetched again on every connection, and serves again', async () => {
      const lost = modelOf('b');
      device.memory.stored = {
        ...freshAgentState(0),
        generation: 4,
        slots: { main: { committed: lost, deployment: idle } },
      };
      device.startsWith = modelOf('a');
      device.models.onDownload = async () => {
        throw new InputError('registry-missing', 'The controller does not have it.', 'Push it.');
      };
      await device.start();
      await clock.pass(1000);
      expect(device.events().find(({ kind }) => kind === 'model.lost')).toMatchObject({
        severity: 'error',
        data: { digest: lost.digest, serving: modelOf('a').digest },
      });
      expect(device.agent.slots.main?.deployment).toMatchObject({ state: 'failed', digest: lost.digest });
      expect(device.memory.stored).toMatchObject({
        slots: { main: { committed: { digest: modelOf('a').digest }, lost } },
      });

      device.models.onDownload = async () => {};
      device.transport.cut(100);
      await clock.pass(60_000);
      expect(device.agent.slots.main?.deployment.state).toBe('committed');
      expect(device.pipeline.identity.digest).toBe(lost.digest);
      expect(device.memory.stored).toMatchObject({ slots: { main: { committed: lost } }, generation: 4 });
      expect(device.memory.stored).not.toHaveProperty('slots.main.lost');
    });

    it('a model that is gone is not fetched any more once another is ordered', async () => {
      device.memory.stored = {
        ...freshAgentState(0),
        generation: 4,
        slots: { main: { committed: modelOf('b'), deployment: idle } },
      };
      device.startsWith = modelOf('a');
      device.models.onDownload = (_model, _progress, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new CancelledError('The download')));
        });
      await device.start();
      device.order({ generation: 5, timeMs: 0, slots: { main: { model: modelOf('a') } } });
      await clock.pass(1000);
      expect(device.memory.stored).not.toHaveProperty('slots.main.lost');
    });

    it('refused credentials leave the device working and its entries kept', async () => {
      broker.refused.add('d1');
      await device.start();
      await device.agent.reportEvent({ kind: 'a.b', severity: 'info', message: 'x' });
      await clock.pass(5_000);
      expect(device.transport.status().state).toBe('refused');
      broker.refused.delete('d1');
      await clock.pass(5_000);
      expect(device.events().map(({ kind }) => kind)).toEqual(['a.b']);
    });
  });
});
