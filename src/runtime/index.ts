/*
 * The programs put together. What is heavy (engines, brokers, databases) loads when it is called: `goshawk --help` and
 * `goshawk device` do without it, and the command line sets the environment of ONNX Runtime before that loads.
 */
type Authority = typeof import('./enrolment-authority.ts');
type BrokerConfig = typeof import('./broker/config.ts');
type GiveClaim = typeof import('./device/give-claim.ts');
type SecretFile = typeof import('./secret-file.ts');
type Apply = typeof import('./fleet/apply.ts');
type Agent = typeof import('./device/run-agent.ts');
type BrokerProgram = typeof import('./broker/run-broker.ts');
type CheckAgent = typeof import('./preflight/check-agent.ts');
type CheckFile = typeof import('./settings/check-file.ts');
type Confirm = typeof import('./image/confirm.ts');
type Controller = typeof import('./controller/run-controller.ts');
type Migrate = typeof import('./controller/migrate.ts');
type CheckController = typeof import('./controller/check-controller.ts');
type ControllerBackup = typeof import('./controller/backup/run-backup.ts');
type DemoProgram = typeof import('./demo/run-demo.ts');
type Doctor = typeof import('./doctor/check-machine.ts');
type FirstBoot = typeof import('./image/first-boot.ts');
type Clips = typeof import('./fleet/clips.ts');
type Frames = typeof import('./fleet/frames.ts');
type Remote = typeof import('./fleet/remote.ts');
type Tegra = typeof import('../../device/tegra/index.ts');

export type { OtaVerdict } from '../../device/tegra/index.ts';

type NetworkCameras = typeof import('./doctor/network-cameras.ts');
type Inference = typeof import('./inference/open-inference.ts');
type NativeBuild = typeof import('./native-build.ts');
type Rehearsal = typeof import('./rehearsal/run-rehearsal.ts');
type TakeRelease = typeof import('./release/take-release.ts');
type Selftest = typeof import('./selftest/run-selftest.ts');
type Streams = typeof import('./streams/open-addresses.ts');
type FleetOrders = typeof import('./fleet/orders.ts');
type WhenOnline = typeof import('./fleet/when-online.ts');
type WaitForRollout = typeof import('./fleet/wait-for-rollout.ts');
type Slots = typeof import('./fleet/slots.ts');
type FleetAudit = typeof import('./fleet/audit.ts');
type FleetVulnerabilities = typeof import('./fleet/vulnerabilities.ts');
type FleetTrust = typeof import('./fleet/trust.ts');

export type { ChosenDetector, EngineChoice } from '../agent/index.ts';
/** What may happen to the camera of the demo's second device. */
export { conditionNames as demoScenarios } from '../simulation/index.ts';
export type { DemoReport } from './demo/demo.ts';
export type { DemoPlace } from './demo/run-demo.ts';
export { guardExit } from './device/exit-guard.ts';
export type { AgentSummary } from './device/summary.ts';
export type { MachineReport } from './doctor/check-machine.ts';
export { engineChoices } from './engines/choices.ts';
export type { AgentCheck } from './preflight/check-agent.ts';
// Programs.
/** Arguments of ROS in a command line, as options of ours; loaded only where there are any. */
export async function translateRosArguments(argv: readonly string[]): Promise<readonly string[]> {
  if (!argv.includes('--ros-args')) return argv;
  return (await import('./ros/read-ros-arguments.ts')).translateRosArguments(argv);
}
export type { InferenceServers } from './inference/open-inference.ts';
export { readInferenceAddresses } from './inference/read-address.ts';
export const openInference: Inference['openInference'] = async (...args) =>
  (await import('./inference/open-inference.ts')).openInference(...args);
export { recoveryNames } from './rehearsal/names.ts';
export type { Rehearsed } from './rehearsal/rehearse.ts';
export { type RosAdapter, rosAdapters } from './ros/adapter-order.ts';
export type { SelftestResult } from './selftest/run-selftest.ts';
export { type TrialGroup, trialGroups } from './selftest/trial.ts';
export { AgentSettings } from './settings/agent.ts';
export { agentChapters, controllerChapters, describeChapters } from './settings/chapters.ts';
export { ControllerSettings } from './settings/controller.ts';
export { givesSettings } from './settings/environment.ts';
export { fileSchema } from './settings/json-schema.ts';
export { goshawkVersion } from './version.ts';
export const runAgent: Agent['runAgent'] = async (...args) =>
  (await import('./device/run-agent.ts')).runAgent(...args);
export const takeRelease: TakeRelease['takeRelease'] = async (...args) =>
  (await import('./release/take-release.ts')).takeRelease(...args);
export const runController: Controller['runController'] = async (...args) =>
  (await import('./controller/run-controller.ts')).runController(...args);
export const runMigration: Migrate['runMigration'] = async (...args) =>
  (await import('./controller/migrate.ts')).runMigration(...args);
export const checkController: CheckController['checkController'] = async (...args) =>
  (await import('./controller/check-controller.ts')).checkController(...args);
export const runBackup: ControllerBackup['runBackup'] = async (...args) =>
  (await import('./controller/backup/run-backup.ts')).runBackup(...args);
export const runRestore: ControllerBackup['runRestore'] = async (...args) =>
  (await import('./controller/backup/run-backup.ts')).runRestore(...args);
export const runBroker: BrokerProgram['runBroker'] = async (...args) =>
  (await import('./broker/run-broker.ts')).runBroker(...args);
export const checkSettingsFile: CheckFile['checkSettingsFile'] = async (...args) =>
  (await import('./settings/check-file.ts')).checkSettingsFile(...args);
export const checkAgent: CheckAgent['checkAgent'] = async (...args) =>
  (await import('./preflight/check-agent.ts')).checkAgent(...args);
export const runDemo: DemoProgram['runDemo'] = async (...args) =>
  (await import('./demo/run-demo.ts')).runDemo(...args);
export const listMachineCameras = async () => (await import('./doctor/cameras.ts')).listMachineCameras();
export const discoverNetworkCameras: NetworkCameras['discoverNetworkCameras'] = async (...args) =>
  (await import('./doctor/network-cameras.ts')).discoverNetworkCameras(...args);
export const networkCameraStreams: NetworkCameras['networkCameraStreams'] = async (...args) =>
  (await import('./doctor/network-cameras.ts')).networkCameraStreams(...args);
export const checkMachine: Doctor['checkMachine'] = async (...args) =>
  (await import('./doctor/check-machine.ts')).checkMachine(...args);
export const checkOta: Tegra['checkOta'] = async (...args) =>
  (await import('../../device/tegra/index.ts')).checkOta(...args);
export const rehearseRecoveries: Rehearsal['rehearseRecoveries'] = async (...args) =>
  (await import('./rehearsal/run-rehearsal.ts')).rehearseRecoveries(...args);
export const runSelftest: Selftest['runSelftest'] = async (...args) =>
  (await import('./selftest/run-selftest.ts')).runSelftest(...args);

// What a fleet is set up with.
export { type BrokerFile, type BrokerKind, brokerKinds } from './broker/kinds.ts';
export const brokerConfig: BrokerConfig['brokerConfig'] = async (...args) =>
  (await import('./broker/config.ts')).brokerConfig(...args);
export const makeAuthority: Authority['makeAuthority'] = async (...args) =>
  (await import('./enrolment-authority.ts')).makeAuthority(...args);
export const renewAuthority: Authority['renewAuthority'] = async (...args) =>
  (await import('./enrolment-authority.ts')).renewAuthority(...args);
export const issueCertificate: Authority['issueCertificate'] = async (...args) =>
  (await import('./enrolment-authority.ts')).issueCertificate(...args);
export const giveClaim: GiveClaim['giveClaim'] = async (...args) =>
  (await import('./device/give-claim.ts')).giveClaim(...args);
export const readSecretFile: SecretFile['readSecretFile'] = async (...args) =>
  (await import('./secret-file.ts')).readSecretFile(...args);
export const writeSecretFile: SecretFile['writeSecretFile'] = async (...args) =>
  (await import('./secret-file.ts')).writeSecretFile(...args);

// A board that was started from an image.
export const confirmBoot: Confirm['confirmBoot'] = async (...args) =>
  (await import('./image/confirm.ts')).confirmBoot(...args);
export const firstBoot = async (seed: string): ReturnType<FirstBoot['firstBoot']> => {
  const { boardFolders, firstBoot: make } = await import('./image/first-boot.ts');
  return make(boardFolders(seed));
};

// A fleet over the HTTP API of its controller.
export { FleetClient } from './fleet/client.ts';
export {
  changePipeline,
  type FleetTarget,
  keepFrames,
  orderLearning,
  resolveTarget,
  stopLearning,
} from './fleet/desired-settings.ts';
export { changeMembers } from './fleet/groups.ts';
export { type DeviceInspection, inspectDevice } from './fleet/inspect.ts';
export { expectEventKind, expectKnown, typedNames } from './fleet/known-names.ts';
export { isLoopback } from './loopback.ts';
export const buildNativeParts: NativeBuild['buildNativeParts'] = async (...args) =>
  (await import('./native-build.ts')).buildNativeParts(...args);
export const retryModel: FleetOrders['retryModel'] = async (...args) =>
  (await import('./fleet/orders.ts')).retryModel(...args);
export const setSlot: Slots['setSlot'] = async (...args) =>
  (await import('./fleet/slots.ts')).setSlot(...args);
export const pinSlot: Slots['pinSlot'] = async (...args) =>
  (await import('./fleet/slots.ts')).pinSlot(...args);
export const removeSlot: Slots['removeSlot'] = async (...args) =>
  (await import('./fleet/slots.ts')).removeSlot(...args);
export const applyFleetFile: Apply['applyFleetFile'] = async (...args) =>
  (await import('./fleet/apply.ts')).applyFleetFile(...args);
export const readRolloutPolicy: Apply['readRolloutPolicy'] = async (...args) =>
  (await import('./fleet/apply.ts')).readRolloutPolicy(...args);
export const waitForRollout: WaitForRollout['waitForRollout'] = async (...args) =>
  (await import('./fleet/wait-for-rollout.ts')).waitForRollout(...args);
export const exportAudit: FleetAudit['exportAudit'] = async (...args) =>
  (await import('./fleet/audit.ts')).exportAudit(...args);
export const verifyAudit: FleetAudit['verifyAudit'] = async (...args) =>
  (await import('./fleet/audit.ts')).verifyAudit(...args);
export const findVulnerabilities: FleetVulnerabilities['findVulnerabilities'] = async (...args) =>
  (await import('./fleet/vulnerabilities.ts')).findVulnerabilities(...args);
export const publishTrust: FleetTrust['publishTrust'] = async (...args) =>
  (await import('./fleet/trust.ts')).publishTrust(...args);
export const publishedTrust: FleetTrust['publishedTrust'] = async (...args) =>
  (await import('./fleet/trust.ts')).publishedTrust(...args);
export type { FrameQuery } from './fleet/frames.ts';
export async function* logPages(...args: Parameters<Remote['logPages']>): ReturnType<Remote['logPages']> {
  yield* (await import('./fleet/remote.ts')).logPages(...args);
}
export const fetchSupportBundle: Remote['fetchSupportBundle'] = async (...args) =>
  (await import('./fleet/remote.ts')).fetchSupportBundle(...args);
export type { OrderOutcome } from './fleet/order-outcome.ts';
export type { OrderAnswer } from './fleet/orders.ts';
export async function* framePages(
  ...args: Parameters<Frames['framePages']>
): ReturnType<Frames['framePages']> {
  yield* (await import('./fleet/frames.ts')).framePages(...args);
}
export async function* clipPages(...args: Parameters<Clips['clipPages']>): ReturnType<Clips['clipPages']> {
  yield* (await import('./fleet/clips.ts')).clipPages(...args);
}
export const recordClip: Clips['recordClip'] = async (...args) =>
  (await import('./fleet/clips.ts')).recordClip(...args);
export const fetchClip: Clips['fetchClip'] = async (...args) =>
  (await import('./fleet/clips.ts')).fetchClip(...args);
export const fetchFrame: Frames['fetchFrame'] = async (...args) =>
  (await import('./fleet/frames.ts')).fetchFrame(...args);
export const whenOnline: WhenOnline['whenOnline'] = async (...args) =>
  (await import('./fleet/when-online.ts')).whenOnline(...args);
export const exportFrames: Frames['exportFrames'] = async (...args) =>
  (await import('./fleet/frames.ts')).exportFrames(...args);

export type { ModelSwitch } from '../adapters/ros2/index.ts';
// What the workbench takes: engines of this machine, and sources of frames.
export { decodeFrame, frameMiniature } from './engines/decode-frame.ts';
export { createDetector, layersOf } from './engines/detectors.ts';
export { goldenFiles } from './engines/golden-files.ts';
export { noProgress, type Progress, type StartProgress } from './progress.ts';
export type { RosAdapters } from './ros/join-graph.ts';
export { manage } from './ros/manage.ts';
export { plainSnapshot, serveRosModels, serveRosSnapshots } from './ros/model-control.ts';
export { RosLink, type SteeredPipeline } from './ros/ros-link.ts';
export { readGraphFile } from './settings/nodes.ts';
export { readRulesFile } from './settings/rules.ts';
export { isRecording, type OpenedSource, openSource } from './sources/open-source.ts';
export { isStreet, parseStreet } from './sources/street.ts';
export const openAddresses: Streams['openAddresses'] = async (...args) =>
  (await import('./streams/open-addresses.ts')).openAddresses(...args);
