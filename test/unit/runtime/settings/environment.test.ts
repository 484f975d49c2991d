import { describe, expect, it } from 'vitest';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { withEnvironment } from '../../../../src/runtime/settings/environment.ts';

const file = {
  device: 'd1',
  dataDir: '/data',
  broker: { url: 'mqtts://one:8883' },
  cameras: { 'front-left': { source: 'sim' } },
};

function settingsWith(env: Record<string, string>): unknown {
  return withEnvironment(AgentSettings, file, env).value;
}

describe('Settings from the environment', () => {
  it.each([
    [
      'text as it is',
      { GOSHAWK_BROKER_URL: 'mqtts://two:8883' },
      { ...file, broker: { url: 'mqtts://two:8883' } },
    ],
    [
      'a capital as _',
      { GOSHAWK_BROKER_CA_FILE: 'ca' },
      { ...file, broker: { ...file.broker, caFile: 'ca' } },
    ],
    ['text that looks like a number as text', { GOSHAWK_DEVICE: '7' }, { ...file, device: '7' }],
    ['a number', { GOSHAWK_THREADS: '2' }, { ...file, threads: 2 }],
    ['a list as JSON', { GOSHAWK_GROUPS: '["a","b"]' }, { ...file, groups: ['a', 'b'] }],
    [
      'further addresses of the broker',
      { GOSHAWK_BROKER_SERVERS: '["mqtts://two:8883"]' },
      { ...file, broker: { ...file.broker, servers: ['mqtts://two:8883'] } },
    ],
    [
      'a setting of a section that the file does not have',
      { GOSHAWK_ROS_NODE: '/n' },
      { ...file, ros: { node: '/n' } },
    ],
    [
      'a setting of a camera that the file names',
      { GOSHAWK_CAMERAS_FRONT_LEFT_FPS: '5' },
      { ...file, cameras: { 'front-left': { source: 'sim', fps: 5 } } },
    ],
    [
      'a whole section as JSON, and one setting in it before that',
      { GOSHAWK_CAMERAS: '{"a":{"source":"x","fps":1}}', GOSHAWK_CAMERAS_A_FPS: '2' },
      { ...file, cameras: { a: { source: 'x', fps: 2 } } },
    ],
    ['nothing from an empty variable', { GOSHAWK_DEVICE: '' }, file],
    ['nothing from variables of other programs', { GOSHAWK_URL: 'http://x', GOSHAWK_TOKEN: 't' }, file],
  ])('take %s', (_what, env, expected) => {
    expect(settingsWith(env)).toEqual(expected);
  });

  it('name the variable of each setting, for messages', () => {
    const { variables } = withEnvironment(AgentSettings, file, { GOSHAWK_BROKER_URL: 'x' });
    expect([...variables]).toEqual([['broker.url', 'GOSHAWK_BROKER_URL']]);
  });
});
