import { expect, it } from 'vitest';
import { targetFps } from '../../../../src/runtime/device/cameras.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';

it('A camera has to reach what its setting says, else the pace that it was given; a ROS topic has a pace of its own', () => {
  const { cameras } = checkSettings(
    AgentSettings,
    {
      device: 'd1',
      dataDir: '/data',
      broker: { url: 'mqtt://127.0.0.1' },
      cameras: {
        street: { source: 'sim', fps: 10 },
        folder: { source: '/pictures' },
        topic: { source: 'ros:/camera/image_raw', fps: 10 },
        wanted: { source: 'ros:/camera/image_raw', targetFps: 12.5 },
        slower: { source: 'sim', fps: 30, targetFps: 8 },
      },
    },
    'test',
  );
  expect(targetFps(cameras)).toEqual({ street: 10, folder: 30, wanted: 12.5, slower: 8 });
});

it('No device is called as the controller is: its client id would keep the controller away from the broker', () => {
  const settings = {
    device: 'controller',
    dataDir: '/data',
    broker: { url: 'mqtt://127.0.0.1' },
    cameras: { street: { source: 'sim' } },
  };
  expect(() => checkSettings(AgentSettings, settings, 'test')).toThrow('device');
  expect(() => checkSettings(AgentSettings, { ...settings, device: 'controller-2' }, 'test')).not.toThrow();
});
