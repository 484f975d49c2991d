export {
  type AddedCamera,
  type AddedCameras,
  CameraSetup,
  type CameraSetupPorts,
  type CheckedCamera,
} from './camera-setup.ts';
export { type LogEntry, LogRing, type LogRingOptions } from './log-ring.ts';
export {
  type RemoteCommand,
  RemoteCommands,
  type RemoteCommandsPorts,
  type RemoteRefusals,
} from './remote-commands.ts';
export { SupportBundles, type SupportBundlesPorts } from './support-bundles.ts';
