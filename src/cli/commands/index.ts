import type { CommandModule } from '../command.ts';
import { alertCommands } from '../fleet/alerts.ts';
import { approvalCommands } from '../fleet/approvals.ts';
import { certificateCommands } from '../fleet/certificates.ts';
import { claimCommands } from '../fleet/claims.ts';
import { clipCommands } from '../fleet/clips.ts';
import { deviceCommands } from '../fleet/devices.ts';
import { driftCommands } from '../fleet/drift.ts';
import { enrolmentCommands } from '../fleet/enrolments.ts';
import { eventCommands } from '../fleet/events.ts';
import { frameCommands } from '../fleet/frames.ts';
import { groupCommands } from '../fleet/groups.ts';
import { pipelineCommands } from '../fleet/pipelines.ts';
import { robotCommands } from '../fleet/robot.ts';
import { rolloutCommands } from '../fleet/rollouts.ts';
import { tokenCommands } from '../fleet/tokens.ts';
import { agentCommand } from './agent.ts';
import { auditCommands } from './audit.ts';
import { brokerCommands } from './broker.ts';
import { cameraCommands } from './cameras.ts';
import { completionCommand } from './completion.ts';
import { controllerCommand } from './controller.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { enrolCommand } from './enrol.ts';
import { fleetCommands } from './fleet.ts';
import { imageCommand } from './image.ts';
import { keysCommands } from './keys.ts';
import { loginCommands } from './login.ts';
import { modelCommand } from './model.ts';
import { nativeCommand } from './native.ts';
import { releaseCommand } from './release.ts';
import { runCommand } from './run.ts';
import { selftestCommand } from './selftest.ts';
import { serveCommand } from './serve.ts';

/** In the order of the help, under its headings. */
export const commandGroups: Readonly<Record<string, readonly CommandModule[]>> = {
  'Without a fleet:': [demoCommand, runCommand, serveCommand, cameraCommands],
  'Models:': [modelCommand],
  'Devices:': [agentCommand, enrolCommand, imageCommand, doctorCommand, selftestCommand, nativeCommand],
  'Controller:': [controllerCommand, brokerCommands, keysCommands, releaseCommand],
  'Fleet:': [
    loginCommands,
    deviceCommands,
    groupCommands,
    pipelineCommands,
    rolloutCommands,
    approvalCommands,
    alertCommands,
    eventCommands,
    driftCommands,
    frameCommands,
    clipCommands,
    robotCommands,
    fleetCommands,
  ],
  'Access:': [claimCommands, enrolmentCommands, certificateCommands, tokenCommands, auditCommands],
  'Help:': [completionCommand],
};
