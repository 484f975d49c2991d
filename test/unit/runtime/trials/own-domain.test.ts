import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apartFromRobots } from '../../../../src/runtime/trials/own-domain.ts';

describe('A trial of ROS 2', () => {
  it('has a domain of its own, whatever the robot has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 232 }), fc.nat(), (users, any) => {
        const domain = Number(apartFromRobots({ ROS_DOMAIN_ID: String(users) }, any).ROS_DOMAIN_ID);
        expect(domain).not.toBe(users);
        expect(domain).not.toBe(0);
        expect(domain).toBeLessThanOrEqual(101);
      }),
    );
  });

  it('stays on this machine, and leaves out what leads elsewhere', () => {
    const environment = apartFromRobots(
      {
        PATH: '/bin',
        ROS_STATIC_PEERS: '10.0.0.5',
        CYCLONEDDS_URI: 'file:///robot.xml',
        ROS_LOCALHOST_ONLY: '0',
      },
      1,
    );
    expect(environment).toMatchObject({ PATH: '/bin', ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST' });
    expect(environment).not.toHaveProperty('ROS_STATIC_PEERS');
    expect(environment).not.toHaveProperty('CYCLONEDDS_URI');
    expect(apartFromRobots({ ROS_DISTRO: 'humble' }, 1).ROS_LOCALHOST_ONLY).toBe('1');
  });
});
