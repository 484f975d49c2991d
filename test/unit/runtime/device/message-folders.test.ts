import { describe, expect, it } from 'vitest';
import { withSourcedFolders } from '../../../../src/runtime/device/message-folders.ts';

describe('Folders with definitions of messages', () => {
  it('are those of the settings, then those of the ROS 2 that is sourced, each once', () => {
    const environment = { AMENT_PREFIX_PATH: '/home/robot/ws/install:/opt/ros/jazzy::relative' };
    const { messages, diagnostics } = withSourcedFolders(
      { messages: ['ws/src', '/opt/ros/jazzy/share'], diagnostics: true },
      environment,
    );
    expect(messages).toEqual(['ws/src', '/opt/ros/jazzy/share', '/home/robot/ws/install/share']);
    expect(diagnostics).toBe(true);
  });

  it('are those of the settings alone where none is sourced', () => {
    expect(withSourcedFolders({}, {}).messages).toEqual([]);
    expect(withSourcedFolders({ messages: ['a'] }, { AMENT_PREFIX_PATH: '' }).messages).toEqual(['a']);
  });
});
