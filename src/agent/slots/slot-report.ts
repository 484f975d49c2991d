import { defined } from '../../base/index.ts';
import type { DetectorIdentity } from '../../perception/index.ts';
import { type DeploymentReport, type ReportedSlot, scopeOf } from '../../protocol/index.ts';
import { servingModel } from '../engines/lost-model.ts';
import { unknownCameras } from './camera-nodes.ts';
import type { DeviceSlot } from './slot-set.ts';

/** What runs, as far as a report of the slots needs it. */
export interface RunningSlots {
  /** Of the device. */
  readonly cameras: readonly string[];
  readonly identities: ReadonlyMap<string, DetectorIdentity>;
  readonly camerasOf: (slot: string) => readonly string[];
}

const mostCameras = 64;

/** One slot as it is told to the fleet. */
export function slotReport({ name, memory, deployer }: DeviceSlot, running: RunningSlots): ReportedSlot {
  const { desired, deployment } = memory.record;
  const identity = running.identities.get(name);
  const policy = desired?.model.policy ?? deployment.model?.policy;
  const problem = unknownCameras(desired ?? {}, running.cameras);
  return {
    deployment: deploymentReport(deployer.report, identity?.digest),
    ...scopeOf(desired ?? {}),
    role: desired?.role ?? 'serve',
    cameras: running.camerasOf(name).slice(0, mostCameras),
    ...defined({ loaded: identity === undefined ? undefined : loadedModel(identity) }),
    ...defined({ policy, problem: problem?.slice(0, 2000) }),
  };
}

/** Committed is what runs: a model that served once and can't be brought up any more is not. */
function deploymentReport(report: DeploymentReport, serving: string | undefined): DeploymentReport {
  if (report.state !== 'committed' || report.digest === undefined || report.digest === serving) return report;
  return {
    ...report,
    state: 'failed',
    outcome: 'rolled-back',
    reason: report.reason ?? 'It was committed, and does not serve any more.',
  };
}

function loadedModel(identity: DetectorIdentity): ReportedSlot['loaded'] {
  const serving = servingModel(identity);
  const { engine, precision } = identity;
  return serving === undefined ? undefined : { ...serving, engine, precision };
}
