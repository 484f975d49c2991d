import { describe, expect, it } from 'vitest';
import {
  compareSettings,
  liveAgentSettings,
  liveControllerSettings,
} from '../../../../src/runtime/settings/reload.ts';

const agent = {
  groups: ['trucks'],
  threads: 1,
  cameras: {
    front: { source: 'sim', fps: 30, settings: { scoreThreshold: 0.3, classes: ['car'] } },
    back: { source: 'sim', fps: 30 },
  },
};
const { front, back } = agent.cameras;
const withFront = (change: object) => ({
  ...agent,
  cameras: { ...agent.cameras, front: { ...front, ...change } },
});
const score = withFront({ settings: { ...front.settings, scoreThreshold: 0.5 } });
const controller = {
  drift: { falseDiscoveryRate: 0.1 },
  quotas: { messagesPerMinute: 100, seriesPerDevice: 100 },
  retention: { rawHours: 48, maxBytes: 1 },
};

describe('A new file of settings', () => {
  it.each<
    [
      what: string,
      running: object,
      next: object,
      live: readonly string[],
      applied: string[],
      waiting: string[],
    ]
  >([
    ['the same', agent, structuredClone(agent), liveAgentSettings, [], []],
    [
      'a setting of a camera’s pipeline',
      agent,
      score,
      liveAgentSettings,
      ['cameras.front.settings.scoreThreshold'],
      [],
    ],
    [
      'a list, which is one value',
      agent,
      withFront({ settings: { ...front.settings, classes: ['car', 'person'] } }),
      liveAgentSettings,
      ['cameras.front.settings.classes'],
      [],
    ],
    [
      'a section that comes',
      agent,
      { ...agent, cameras: { front, back: { ...back, settings: { enabled: false } } } },
      liveAgentSettings,
      ['cameras.back.settings'],
      [],
    ],
    [
      'a section that goes',
      agent,
      withFront({ settings: undefined }),
      liveAgentSettings,
      ['cameras.front.settings'],
      [],
    ],
    [
      'a camera that comes with settings',
      { ...agent, cameras: { front } },
      { ...agent, cameras: { front, side: { source: 'sim', settings: { enabled: true } } } },
      liveAgentSettings,
      [],
      ['cameras.side'],
    ],
    ['a camera that goes', agent, { ...agent, cameras: { front } }, liveAgentSettings, [], ['cameras.back']],
    [
      'both kinds at once',
      agent,
      { ...score, threads: 2, groups: [] },
      liveAgentSettings,
      ['cameras.front.settings.scoreThreshold'],
      ['groups', 'threads'],
    ],
    [
      'a camera’s source',
      agent,
      withFront({ source: 'sim?fog=2' }),
      liveAgentSettings,
      [],
      ['cameras.front.source'],
    ],
    [
      'limits of the controller',
      controller,
      {
        drift: { falseDiscoveryRate: 0.2 },
        quotas: { messagesPerMinute: 200, seriesPerDevice: 200 },
        retention: { rawHours: 24, maxBytes: 2 },
      },
      liveControllerSettings,
      ['drift.falseDiscoveryRate', 'quotas.messagesPerMinute', 'retention.maxBytes', 'retention.rawHours'],
      ['quotas.seriesPerDevice'],
    ],
  ])('%s', (_, running, next, live, applied, waiting) => {
    const changes = compareSettings(running, next, live);
    expect(changes.applied).toEqual(applied);
    expect(changes.waiting).toEqual(waiting);
    // What is in force is the new file, but for what waits.
    const again = compareSettings(changes.inForce, next, live);
    expect(again.applied).toEqual([]);
    expect(again.waiting).toEqual(waiting);
  });

  it('leaves in force what waits for a restart', () => {
    expect(compareSettings(agent, { ...score, threads: 2 }, liveAgentSettings).inForce).toEqual(score);
    expect(compareSettings(agent, withFront({ settings: undefined }), liveAgentSettings).inForce).toEqual({
      ...agent,
      cameras: { front: { source: 'sim', fps: 30 }, back },
    });
  });
});
