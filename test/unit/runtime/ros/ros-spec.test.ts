import { describe, expect, it } from 'vitest';
import { qosProfiles } from '../../../../src/ros2/index.ts';
import { parseNode, parseRosSource, parseTopicQos } from '../../../../src/runtime/ros/ros-spec.ts';

describe('The name of a node', () => {
  it.each([
    ['/goshawk', '/', 'goshawk'],
    ['goshawk', '/', 'goshawk'],
    ['/robot1/arm/goshawk', '/robot1/arm', 'goshawk'],
  ])('%s is in the namespace %s', (text, namespace, name) => {
    expect(parseNode(text)).toEqual({ namespace, name });
  });
});

describe('The QoS of a topic', () => {
  it('of a camera is the sensor-data profile unless the source says otherwise', () => {
    expect(parseRosSource('ros:/camera')).toEqual({ topic: '/camera', qos: qosProfiles.sensorData });
    expect(parseRosSource('ros:/camera?reliability=reliable&durability=transient_local&depth=3').qos).toEqual(
      {
        reliability: 'reliable',
        durability: 'transient_local',
        depth: 3,
      },
    );
  });

  it('of a camera may say whether its pictures are compressed, whatever its topic is called', () => {
    expect(parseRosSource('ros:/camera/jpg?type=compressed&depth=3')).toEqual({
      topic: '/camera/jpg',
      qos: { ...qosProfiles.sensorData, depth: 3 },
      compressed: true,
    });
    expect(parseRosSource('ros:/camera/compressed?type=raw').compressed).toBe(false);
    expect(() => parseRosSource('ros:/camera?type=h264')).toThrow('has another type than raw or compressed');
  });

  it('of a camera may name a depth camera beside it, and where both stand in another frame', () => {
    expect(parseRosSource('ros:/camera?depth_topic=/depth/image&depth=2')).toEqual({
      topic: '/camera',
      qos: { ...qosProfiles.sensorData, depth: 2 },
      depth: { topic: '/depth/image' },
    });
    expect(
      parseRosSource('ros:/camera?depth_topic=/d&to=base_link&xyz=0.1,0,-2&xyzw=-0.5,0.5,-0.5,0.5').depth,
    ).toEqual({
      topic: '/d',
      placement: {
        frameId: 'base_link',
        translation: { x: 0.1, y: 0, z: -2 },
        rotation: { x: -0.5, y: 0.5, z: -0.5, w: 0.5 },
      },
    });
    expect(parseRosSource('ros:/camera?depth_topic=/d&to=map&xyz=0,0,0').depth?.placement).toEqual({
      ...{ frameId: 'map', translation: { x: 0, y: 0, z: 0 }, rotation: { x: 0, y: 0, z: 0, w: 1 } },
    });
  });

  it('of a camera may name a frame alone: tf says where the camera stands in it', () => {
    expect(parseRosSource('ros:/camera?depth_topic=/d&to=map').depth).toEqual({
      topic: '/d',
      tf: { frameId: 'map', waitMs: 100, toleranceMs: 0 },
    });
    expect(
      parseRosSource('ros:/c?depth_topic=/d&to=/map&tf_wait_ms=0&tf_tolerance_ms=12.5').depth?.tf,
    ).toEqual({ frameId: '/map', waitMs: 0, toleranceMs: 12.5 });
  });

  it.each([
    ['ros:/a?to=base_link', 'places a camera that has no depth_topic'],
    ['ros:/a?depth_topic=', 'has an empty depth_topic'],
    ['ros:/a?tf_wait_ms=1', 'places a camera that has no depth_topic'],
    ['ros:/a?depth_topic=/d&xyz=1,2,3', 'says where the camera is, and not in which frame (to=base_link)'],
    ['ros:/a?depth_topic=/d&tf_wait_ms=3', 'says where the camera is, and not in which frame (to=base_link)'],
    ['ros:/a?depth_topic=/d&to=/', 'has an empty to'],
    ['ros:/a?depth_topic=/d&to=b&tf_wait_ms=-1', 'has a tf_wait_ms that is not from 0 to 2000'],
    ['ros:/a?depth_topic=/d&to=b&tf_wait_ms=', 'has a tf_wait_ms that is not from 0 to 2000'],
    ['ros:/a?depth_topic=/d&to=b&tf_tolerance_ms=1h', 'has a tf_tolerance_ms that is not from 0 to 2000'],
    [
      'ros:/a?depth_topic=/d&to=b&xyz=0,0,0&tf_wait_ms=1',
      'has a fixed place (xyz, xyzw), and settings of tf beside it',
    ],
    ['ros:/a?depth_topic=/d&to=b&xyz=1,2', 'has an xyz that is not three numbers'],
    ['ros:/a?depth_topic=/d&to=b&xyz=1,,3', 'has an xyz that is not three numbers'],
    ['ros:/a?depth_topic=/d&to=b&xyzw=0,0,0', 'has an xyzw that is not four numbers'],
    ['ros:/a?depth_topic=/d&to=b&xyzw=0,0,0,2', 'has an xyzw whose length is not 1'],
    ['ros:', 'names no topic'],
    ['ros:/a?history=all', 'has the unknown setting history'],
    ['ros:/a?reliability=fairly', 'has another reliability than reliable or best_effort'],
    ['ros:/a?durability=eternal', 'has another durability than volatile or transient_local'],
    ['ros:/a?depth=0', 'has a depth that is not from 1 to 100'],
    ['ros:/a?depth=many', 'has a depth that is not from 1 to 100'],
  ])('%s is refused', (spec, sentence) => {
    expect(() => parseRosSource(spec)).toThrow(`The source ${spec} ${sentence}.`);
  });

  it('of what is published is set topic by topic, from the topic’s own default', () => {
    expect(parseTopicQos([])).toEqual({});
    expect(
      parseTopicQos(['detections?reliability=best_effort&depth=1', 'annotated?reliability=reliable']),
    ).toEqual({
      detections: { reliability: 'best_effort', durability: 'volatile', depth: 1 },
      annotated: { reliability: 'reliable', durability: 'volatile', depth: 5 },
    });
  });

  it.each([
    ['diagnostics?depth=1', 'is of no topic that is published'],
    ['tracks?depth=1000', 'has a depth that is not from 1 to 100'],
  ])('%s is refused', (rule, sentence) => {
    expect(() => parseTopicQos([rule])).toThrow(`The QoS ${rule} ${sentence}.`);
  });
});
