import type { CommandModule } from '../command.ts';
import { agentCommand } from './agent.ts';
import { auditCommands } from './audit.ts';
import { brokerCommands } from './broker.ts';
import { camerasCommand } from './cameras.ts';
import { controllerCommand } from './controller.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { enrolCommand } from './enrol.ts';
import { fleetCommands } from './fleet.ts';
import { imageCommand } from './image.ts';
import { keysCommands } from './keys.ts';
import { modelCommand } from './model.ts';
import { nativeCommand } from './native.ts';
import { releaseCommand } from './release.ts';
import { runCommand } from './run.ts';
import { selftestCommand } from './selftest.ts';
import { serveCommand } from './serve.ts';

/** In the order of the help. */
export const commandModules: readonly CommandModule[] = [
  demoCommand,
  runCommand,
  serveCommand,
  camerasCommand,
  modelCommand,
  releaseCommand,
  agentCommand,
  enrolCommand,
  controllerCommand,
  brokerCommands,
  fleetCommands,
  keysCommands,
  auditCommands,
  imageCommand,
  doctorCommand,
  selftestCommand,
  nativeCommand,
];
