export {
  AgentState,
  type AgentStateStorage,
  freshAgentState,
  lastCommitted,
  readAgentState,
} from './agent-state.ts';
export { BudgetService } from './budget/budget-service.ts';
export {
  type ClipHiding,
  type ClipJob,
  type ClipPart,
  ClipRecorder,
  type ClipStore,
  type HiddenMoment,
  hiddenDuring,
  type PacketSpool,
  type SpooledBytes,
  type WriteClip,
  type WrittenClip,
} from './clips/index.ts';
export { type CellGrid, cellsUnderPolygons, coverBoxes } from './covered-cells.ts';
export { BundleCheck, type BundleCheckPorts } from './deployment/bundle-check.ts';
export { CalledSafetyCheck } from './deployment/called-safety-check.ts';
export type { LocalProgress } from './deployment/local-switch.ts';
export { EverySafetyCheck, RestedSafetyCheck } from './deployment/safety-checks.ts';
export { deploymentTable } from './deployment/table.ts';
export type { SafetyAnswer, SafetyCheck } from './deployment/update-gate.ts';
export { DeviceAgent, type DeviceAgentOptions, type DeviceAgentPorts } from './device-agent.ts';
export {
  type DownloadRules,
  type DownloadVerdict,
  type DownloadWindow,
  mayDownload,
  type NetworkFacts,
  parseWindow,
} from './downloads/policy.ts';
export { retryAfterMs } from './downloads/retry-after.ts';
export { startDelayMs, usualPatienceMs, usualSpreadMs } from './downloads/spread.ts';
export { TokenBucket } from './downloads/token-bucket.ts';
export { DriftService, type DriftServiceOptions, type DriftServicePorts } from './drift/drift-service.ts';
export { GoldenAnswers } from './drift/golden-answers.ts';
export type {
  Answer,
  FollowedOrder,
  FrameEntry,
  FrameStore,
  KeptProfile,
  KnownAnswers,
  LearnedProfile,
  Learner,
  LearnerOptions,
  ProfileStore,
} from './drift/ports.ts';
export { BuildArbiter } from './engines/build-arbiter.ts';
export {
  type CrashNotes,
  type EngineCrash,
  engineCrashEvent,
  lostMark,
  type NotedCrashes,
  watchForCrashes,
} from './engines/engine-crashes.ts';
export { engineEvent, leftBehindEvent } from './engines/engine-events.ts';
export type { EngineChoice } from './engines/engine-search.ts';
export {
  type EngineHost,
  EngineSupervisor,
  type EngineSupervisorPorts,
} from './engines/engine-supervisor.ts';
export { damagedModelEvent } from './engines/lost-model.ts';
export { type ChosenDetector, type EngineRequest, openEngine } from './engines/open-engine.ts';
export type {
  EngineAvailability,
  EngineBuildEvent,
  EnginePlatform,
  EngineWork,
  PlanStatus,
} from './engines/platform.ts';
export {
  DeviceEnrolment,
  type DeviceEnrolmentOptions,
  type DeviceEnrolmentPorts,
} from './enrolment/device-enrolment.ts';
export type {
  CertificateAnswer,
  CertificateRequest,
  EnrolmentServer,
  Identity,
  IdentityStore,
  KeySeal,
  KeyStore,
} from './enrolment/ports.ts';
export { EventRelay } from './event-relay.ts';
export type { AgentEvent } from './event-reporter.ts';
export { Liveness } from './liveness.ts';
export { MetricsCollector } from './metrics-collector.ts';
export { NoModelDetector, noModelDigest } from './no-model-detector.ts';
export { agentEventOf } from './pipeline-events.ts';
export type {
  AgentParts,
  BoardReadings,
  BudgetHost,
  CertificateFacts,
  DetectorFactory,
  DiskReadings,
  DriftHost,
  GoldenFiles,
  Machine,
  ModelCheck,
  ModelStore,
  PipelineHost,
  ProcessReadings,
  Progress,
  RobotHost,
  RobotOrder,
  RobotReading,
  TargetHost,
  TargetReading,
  TegraReadings,
} from './ports.ts';
export { type EncodePreview, type PreviewPicture, PreviewSink } from './preview-sink.ts';
export { type CameraPrivacy, foundLabels, type Polygon, PrivacyRule, usualPrivacy } from './privacy.ts';
export { isPrivateLabel } from './private-boxes.ts';
export { type OtherNode, PrivateFindings } from './private-findings.ts';
export type { Running } from './reconciler.ts';
export {
  type AddedCameras,
  CameraSetup,
  type CheckedCamera,
  type LogEntry,
  LogRing,
  type RemoteCommand,
  RemoteCommands,
  type RemoteRefusals,
  SupportBundles,
} from './remote/index.ts';
export { RuleReporter, type RuleReporterPorts } from './rules/rule-reporter.ts';
export { AgentDeployer, type AgentDeployerPorts, type SoftwarePorts } from './software/agent-deployer.ts';
export type { AgentUpdater, UpdateStanding } from './software/agent-updater.ts';
export { type SumCrypto, type SumKey, SumMember } from './statistics/index.ts';
export type { CameraPromise } from './targets/promise.ts';
export type { LadderStep } from './targets/steps.ts';
export { TargetService } from './targets/target-service.ts';
export { AdmittedEngines } from './trust/admitted-engines.ts';
export { AdmissionLedger } from './trust/ledger.ts';
export { OpenTrustGate } from './trust/open-gate.ts';
export type { BundleName, TrustGate } from './trust/ports.ts';
export { type SignedGatePorts, SignedTrustGate } from './trust/signed-gate.ts';
