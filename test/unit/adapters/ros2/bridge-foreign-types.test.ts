import { describe, expect, it, vi } from 'vitest';
import { parseBridge, RosBridge } from '../../../../src/adapters/ros2/index.ts';
import { typeHashOf } from '../../../../src/adapters/ros2/type-finder.ts';
import { CdrWriter, qosProfiles, shapeByTexts } from '../../../../src/ros2/index.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeRosGraph } from '../../../fakes/fake-ros-graph.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

describe('A topic of a type that is not shipped', () => {
  const type = 'arm_msgs/msg/State';
  const arm = {
    topic: '/arm',
    type,
    fields: ['torque'],
    reduce: 'latest',
    least: 0,
    everySeconds: 1,
  } as const;

  function armed(fields: readonly string[], versions: readonly string[]) {
    const graph = new FakeRosGraph();
    const clock = new FakeClock(1_000_000);
    const log = new RecordingLog();
    const node = graph.join({ namespace: '/', name: 'goshawk' });
    const driver = graph.join({ namespace: '/', name: 'driver' });
    const shapes = versions.map((text) => shapeByTexts(type, (name) => (name === type ? text : undefined))!);
    driver.serve(
      '~/get_type_description',
      'type_description_interfaces/srv/GetTypeDescription',
      ({ typeHash }) => {
        const description = shapes.find((each) => typeHashOf(each.description) === typeHash)?.description;
        return { successful: description !== undefined, reason: 'unknown', description };
      },
    );
    const topics = { arm: { ...arm, fields } };
    const bridge = new RosBridge({
      node,
      clock,
      log,
      bridge: parseBridge({ topics }),
      reportEvent: () => {},
    });
    const advertise = (version: number) =>
      driver.advertise(
        '/arm',
        { name: type, hash: typeHashOf(shapes[version]!.description) },
        qosProfiles.standard,
      );
    const pass = async (ms: number) => {
      clock.advance(ms);
      await settle();
    };
    return { bridge, log, pass, advertise, node };
  }

  it('is read once its publisher is there and describes it, and again when it becomes another one', async () => {
    const { bridge, log, pass, advertise } = armed(
      ['torque'],
      ['float64 torque', 'string mode\nfloat64 torque'],
    );
    await pass(5000);
    expect(bridge.readings()).toEqual([{ name: 'arm', field: undefined, value: undefined }]);
    const first = advertise(0);
    await pass(3000);
    const writer = new CdrWriter();
    writer.float64(0.25);
    first.publish(writer.finish());
    await settle();
    expect(bridge.readings()).toEqual([{ name: 'arm', field: 'torque', value: 0.25 }]);
    first.close();
    const second = advertise(1);
    await pass(31_000);
    await pass(3000);
    writer.reset();
    writer.string('fast');
    writer.float64(4);
    second.publish(writer.finish());
    await settle();
    expect(bridge.readings()).toEqual([{ name: 'arm', field: 'torque', value: 4 }]);
    expect(log.at('warn')).toEqual([]);
    bridge.close();
  });

  it('is subscribed later where that failed at first', async () => {
    const { bridge, log, pass, advertise, node } = armed(['torque'], ['float64 torque']);
    const subscribe = vi.spyOn(node, 'subscribe').mockImplementationOnce(() => {
      throw new Error('no such package in the workspace');
    });
    const publication = advertise(0);
    await pass(2000);
    expect(log.at('warn')).toHaveLength(1);
    expect(log.at('warn')[0]?.[1]).toMatchObject({ reason: expect.stringContaining('no such package') });
    await pass(31_000);
    const writer = new CdrWriter();
    writer.float64(0.5);
    publication.publish(writer.finish());
    await settle();
    expect(subscribe).toHaveBeenCalledTimes(2);
    expect(bridge.readings()).toEqual([{ name: 'arm', field: 'torque', value: 0.5 }]);
    bridge.close();
  });

  it('is told where it does not have the field, and looked for again', async () => {
    const { bridge, log, pass, advertise } = armed(['speed'], ['float64 torque']);
    advertise(0);
    await pass(2000);
    expect(log.at('warn')).toEqual([
      [
        'A topic of the robot is not observed',
        { topic: '/arm', reason: 'arm_msgs/msg/State has no field speed. It has torque.' },
      ],
    ]);
    await pass(31_000);
    expect(log.at('warn')).toHaveLength(2);
    bridge.close();
  });
});
