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
    ['/robot1/image', { image: '/camera' }, '/camera'],
    ['~/detections', { detections: '/seen' }, '/robot1/goshawk/detections'],
    ['~/detections', { '~/detections': '/a', '/robot1/goshawk/detections': '/b' }, '/a'],
    ['~/detections', { '~/detections': '/a', '/a': '/b' }, '/a'],
  ])('%s with %o is %s', (topic, remap, full) => {
    expect(resolveTopic(topic, node, remap)).toBe(full);
  });

  const parts = ['send_goal', 'cancel_goal', 'get_result', 'feedback', 'status'];
  const own = '/robot1/goshawk/swap_model';
  describe.each<[rules: Record<string, string>, action: string, exceptions?: Record<string, string>]>([
    [{}, own],
    [{ '~/swap_model': '/fleet/swap' }, '/fleet/swap'],
    [{ [own]: 'swap' }, '/robot1/swap'],
    [{ 'goshawk/swap_model': '~/other' }, '/robot1/goshawk/other'],
    [{ swap_model: '/fleet/swap' }, own],
    [{ '/robot1/goshawk': '/fleet' }, own],
    [{ '~/swap_model/_action/feedback': '/far' }, own, { feedback: '/far' }],
    [{ [`${own}/_action/status`]: '/state' }, own, { status: '/state' }],
    [
      { '~/swap_model': '/fleet/swap', '/fleet/swap/_action/feedback': '/far' },
      ...(['/fleet/swap', { feedback: '/far' }] as const),
    ],
    // As rcl_action: the rule of the part has the name before the action's rule, which nothing has any more.
    [{ '~/swap_model': '/fleet/swap', '~/swap_model/_action/feedback': '/far' }, '/fleet/swap'],
  ])('of an action with %o', (rules, action, exceptions = {}) => {
    it.each(parts)('are those of its name: %s', (part) => {
      const full = exceptions[part] ?? `${action}/_action/${part}`;
      for (const written of ['~/swap_model', own])
        expect(resolveTopic(`${written}/_action/${part}`, node, rules)).toBe(full);
    });

    it('leave other names below it as they are', () => {
      expect(resolveTopic('~/swap_model/_action/else', node, rules)).toBe(`${own}/_action/else`);
    });
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
    expect(message).toContain(
      'a publisher offers best effort while Goshawk, the subscriber, requests reliable',
    );
    expect(incompatibleQos('/d', 'durability', 'publisher').message).toContain(
      'a subscriber requests transient local while Goshawk, the publisher, offers volatile',
    );
  });

  it.each<[string, 'publisher' | 'subscriber', string]>([
    ['reliability', 'subscriber', 'write ?reliability=best_effort after the topic of the source'],
    ['durability', 'subscriber', 'write ?durability=volatile after'],
    ['reliability', 'publisher', "--ros-qos '<topic>?reliability=reliable'"],
    [
      'deadline',
      'publisher',
      "Goshawk has no setting for it: in the QoS of the subscriber's node leave its deadline",
    ],
    ['liveliness', 'subscriber', "in the QoS of the publisher's node leave its liveliness"],
    ['partition', 'subscriber', "in the QoS of the publisher's node leave partition at its default"],
  ])('of %s has a remedy that the %s can follow', (policy, ours, said) => {
    expect(incompatibleQos('/camera', policy, ours).remedy).toContain(said);
  });
});
