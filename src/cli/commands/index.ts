import type { CommandModule } from '../command.ts';
import { doctorCommand } from './doctor.ts';
import { modelCommand } from './model.ts';
import { runCommand } from './run.ts';

/** In the order of the help. */
export const commandModules: readonly CommandModule[] = [runCommand, modelCommand, doctorCommand];
