import { describe, expect, it } from 'vitest';
import {
  checkNodeName,
  ddsTopic,
  ddsType,
  incompatibleQos,
  parseDomainId,
  resolveTopic,
} from '../../../../src/ros2/index.ts';

const node = { namespace: '/robot1', name: 'goshawk' };

describe('Names', () => {
  it.each([
    ['~/detections', {}, '/robot1/goshawk/detections'],
    ['detections', {}, '/robot1/detections'],
    ['/diagnostics', {}, '/diagnostics'],
    ['~/detections', { '~/detections': '/detections' }, '/detections'],
    ['~/detections', { '/robot1/goshawk/detections': 'seen' }, '/robot1/seen'],
  ])('%s with %o is %s', (topic, remap, full) => {
    expect(resolveTopic(topic, node, remap)).toBe(full);
  });

  it.each(['~/front-left', '/a//b', '/1a', '/', `/${'a'.repeat(300)}`])(
    'the topic %s is refused',
    (topic) => {
      expect(() => resolveTopic(topic, node)).toThrow('is no ROS topic');
    },
  );

  it.each([
    ['/', 'front-left'],
    ['robot', 'a'],
    ['/1', 'a'],
    ['/', ''],
  ])('the node %s %s is refused', (namespace, name) => {
    expect(() => checkNodeName({ namespace, name })).toThrow('is no ROS');
  });

  it('are mangled as on the wire', () => {
    expect(ddsTopic('/camera/image_raw')).toBe('rt/camera/image_raw');
    expect(ddsType('sensor_msgs/msg/Image')).toBe('sensor_msgs::msg::dds_::Image_');
    expect(() => ddsType('Image')).toThrow('package/msg/Type');
  });

  it('of a domain are numbers from 0 to 232', () => {
    expect(parseDomainId('42')).toBe(42);
    for (const text of ['abc', '-1', '233', '1.5', ''])
      expect(() => parseDomainId(text)).toThrow('ROS domain id');
  });
});

describe('Incompatible QoS', () => {
  it('says which side asks what', () => {
    const { message } = incompatibleQos('/camera', 'reliability', 'subscriber');
    expect(message).toContain('a publisher offers best effort while we, the subscriber, ask for reliable');
    expect(incompatibleQos('/d', 'durability', 'publisher').message).toContain(
      'a subscriber asks for transient local while we, the publisher, offer volatile',
    );
  });
});
