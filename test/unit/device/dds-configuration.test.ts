import { describe, expect, it } from 'vitest';
import { rosEnvironment } from '../../../device/dds/index.ts';

const discovery = (environment: Record<string, string>) => {
  const { configuration } = rosEnvironment(environment);
  return {
    multicast: !configuration.includes('<AllowMulticast>false</AllowMulticast>'),
    peers: [...configuration.matchAll(/<Peer address="([^"]*)"/g)].map(([, address]) => address),
    index: /<ParticipantIndex>(\w+)</.exec(configuration)?.[1],
    tag: /<Tag>(\w+)</.exec(configuration)?.[1],
    interfaces: [...configuration.matchAll(/<NetworkInterface address="([^"]*)"/g)].map(
      ([, address]) => address,
    ),
  };
};
const subnet = { multicast: true, peers: [], index: 'auto', tag: undefined, interfaces: [] };
const localhost = { ...subnet, multicast: false, peers: ['localhost'] };

describe('The variables of ROS 2', () => {
  it.each<[Record<string, string>, object]>([
    [{}, subnet],
    [{ ROS_AUTOMATIC_DISCOVERY_RANGE: 'SUBNET' }, subnet],
    [{ ROS_AUTOMATIC_DISCOVERY_RANGE: 'localhost' }, localhost],
    [{ ROS_LOCALHOST_ONLY: '1' }, localhost],
    [{ ROS_LOCALHOST_ONLY: '1', ROS_STATIC_PEERS: '10.0.0.5' }, localhost],
    [{ ROS_LOCALHOST_ONLY: '0' }, subnet],
    [
      { ROS_LOCALHOST_ONLY: '1', ROS_DISTRO: 'humble' },
      { ...subnet, index: undefined, interfaces: ['127.0.0.1'] },
    ],
    [{ ROS_STATIC_PEERS: '10.0.0.5;robot.local' }, { ...subnet, peers: ['10.0.0.5', 'robot.local'] }],
    [
      { ROS_STATIC_PEERS: 'a"<b', ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST' },
      { ...localhost, peers: ['localhost', 'a&quot;&lt;b'] },
    ],
    [
      { ROS_AUTOMATIC_DISCOVERY_RANGE: 'OFF', ROS_STATIC_PEERS: '10.0.0.5' },
      { ...subnet, multicast: false, index: 'none', tag: `ros_discovery_off_${process.pid}` },
    ],
    [{ ROS_AUTOMATIC_DISCOVERY_RANGE: 'SYSTEM_DEFAULT' }, { ...subnet, index: undefined }],
  ])('%j decide who finds whom', (environment, expected) => {
    expect(discovery(environment)).toEqual(expected);
  });

  it.each([
    [{}, 'range=SUBNET'],
    [{ ROS_LOCALHOST_ONLY: '1' }, 'range=LOCALHOST'],
    [{ ROS_LOCALHOST_ONLY: '1', ROS_STATIC_PEERS: '10.0.0.5' }, 'range=LOCALHOST'],
    [{ ROS_LOCALHOST_ONLY: '1', ROS_DISTRO: 'humble', ROS_STATIC_PEERS: '10.0.0.5' }, 'range=LOOPBACK'],
    [{ ROS_LOCALHOST_ONLY: '1', ROS_DISTRO: 'humble' }, 'range=LOOPBACK'],
    [
      { ROS_AUTOMATIC_DISCOVERY_RANGE: 'localhost', ROS_STATIC_PEERS: '10.0.0.5;;robot.local' },
      'range=LOCALHOST;peer=10.0.0.5;peer=robot.local',
    ],
    [{ ROS_AUTOMATIC_DISCOVERY_RANGE: 'OFF', CYCLONEDDS_URI: 'file:///etc/mine.xml' }, 'range=OFF'],
  ])('%j say to Fast DDS whom to look for', (environment, expected) => {
    expect(rosEnvironment(environment, 'fastdds').configuration).toBe(expected);
  });

  it('give the domain', () => {
    expect(rosEnvironment({}).domain).toBe(0);
    expect(rosEnvironment({ ROS_DOMAIN_ID: '42' }).domain).toBe(42);
  });

  it.each([
    ['', undefined],
    ['foxy', 24],
    ['galactic', 24],
    ['humble', 24],
    ['iron', 16],
    ['jazzy', 16],
    ['rolling', 16],
  ])('give with ROS_DISTRO=%s the length of a Gid: %s', (distribution, gidSize) => {
    expect(rosEnvironment({ ROS_DISTRO: distribution }).gidSize).toBe(gidSize);
  });

  it('leave the last word to the user’s own configuration', () => {
    const { configuration } = rosEnvironment({ CYCLONEDDS_URI: 'file:///etc/mine.xml' });
    expect(configuration.endsWith(',file:///etc/mine.xml')).toBe(true);
  });

  it.each(['kitchen', '-1', '233', '1.5'])('with the domain %s are refused', (domain) => {
    expect(() => rosEnvironment({ ROS_DOMAIN_ID: domain })).toThrow(
      `The ROS domain id "${domain}" is not a number from 0 to 232.`,
    );
  });

  it('with an unknown range are refused', () => {
    expect(() => rosEnvironment({ ROS_AUTOMATIC_DISCOVERY_RANGE: 'PLANET' })).toThrow(
      'ROS_AUTOMATIC_DISCOVERY_RANGE is "PLANET", which is none of SUBNET, LOCALHOST, OFF, SYSTEM_DEFAULT.',
    );
  });
});
