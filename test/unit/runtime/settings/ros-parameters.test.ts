import { describe, expect, it } from 'vitest';
import type { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { withRosParameters } from '../../../../src/runtime/settings/ros-parameters.ts';

const settings = (...cameras: string[]) =>
  ({
    cameras: {
      ...Object.fromEntries(
        cameras.map((camera) => [camera, { source: 'sim', publish: 'ros', settings: { iouThreshold: 0.3 } }]),
      ),
      hidden: { source: 'sim' },
    },
  }) as unknown as AgentSettings;

describe('Parameters at the start of an agent', () => {
  it('go before its settings, under the names that ros2 param shows', () => {
    const one = withRosParameters(settings('front'), [
      'front.score_threshold:=0.4',
      'front.enabled:=false',
      'front.classes:=["car"]',
    ]);
    expect(one.cameras.front?.settings).toEqual({
      ...{ iouThreshold: 0.3, scoreThreshold: 0.4, enabled: false, classes: ['car'] },
    });
    const two = withRosParameters(settings('front-left', '2'), [
      'front_left.iou_threshold:=0.6',
      '_2.enabled:=true',
    ]);
    expect(two.cameras['front-left']?.settings).toEqual({ iouThreshold: 0.6 });
    expect(two.cameras['2']?.settings).toEqual({ iouThreshold: 0.3, enabled: true });
    expect(two.cameras.hidden?.settings).toBeUndefined();
  });

  it('are those of a run for a camera that is named as its one is, whatever stands beside it', () => {
    const given = ['score_threshold:=0.4', 'front.score_threshold:=0.6'];
    const { cameras } = withRosParameters(settings('camera', 'front'), given);
    expect(cameras.camera?.settings).toEqual({ iouThreshold: 0.3, scoreThreshold: 0.4 });
    expect(cameras.front?.settings).toEqual({ iouThreshold: 0.3, scoreThreshold: 0.6 });
  });

  it('switch simulated time on, also where nothing else is said of ROS', () => {
    expect(withRosParameters(settings('front'), ['use_sim_time:=true']).ros).toMatchObject({
      ...{ node: '/goshawk', useSimTime: true, autoActivate: true },
    });
  });

  it.each([
    [
      'colour:="red"',
      'There is no parameter colour; there are use_sim_time, front.enabled, front.score_threshold',
    ],
    ['score_threshold:=0.4', 'There is no parameter score_threshold'],
    ['hidden.enabled:=true', 'There is no parameter hidden.enabled'],
    ['__proto__.enabled:=true', 'There is no parameter __proto__.enabled'],
    ['front.score_threshold:=1.5', "The parameter front.score_threshold can't be 1.5"],
    ['front.score_threshold:=true', "can't be true"],
    ['front.classes:=["car",3]', 'can\'t be ["car",3]'],
    ['use_sim_time:="maybe"', 'can\'t be "maybe"'],
  ])('refuse %s', (text, sentence) => {
    expect(() => withRosParameters(settings('front'), [text])).toThrow(sentence);
  });
});
