import path from 'node:path';
import type { BridgeSettings } from '../../adapters/ros2/index.ts';

/** As `bridge.messages` may name; more prefixes than workspaces that lie over each other are no ROS 2. */
const mostSourced = 32;

/** Where definitions of messages are looked for: the folders that the settings name, then those of the ROS 2 that is sourced. */
export function withSourcedFolders(
  bridge: BridgeSettings,
  environment: Readonly<Record<string, string | undefined>>,
): BridgeSettings {
  const prefixes = (environment.AMENT_PREFIX_PATH ?? '').split(':').filter((each) => path.isAbsolute(each));
  const sourced = prefixes.slice(0, mostSourced).map((prefix) => path.join(prefix, 'share'));
  return { ...bridge, messages: [...new Set([...(bridge.messages ?? []), ...sourced])] };
}
