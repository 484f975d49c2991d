#!/usr/bin/env node
import { CommanderError } from 'commander';
import { translateRosArguments } from '../runtime/index.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';

// ONNX Runtime's binaries from npm (1.29 and newer) tell Microsoft about models and sessions unless this is set before
// they load. Worker threads only get a copy of the environment, so it is set here.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

// Commander writes its help by itself: where the reader has gone (`goshawk --help | head`), there is nobody to tell. `Output`
// ends a command whose results nobody reads any more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await createProgram().parseAsync(await translateRosArguments(process.argv));
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander printed help, version or what is wrong with the arguments by itself.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code;
  } else {
    new Output({ json: false, debug: process.argv.includes('--debug') }).error(error);
    process.exitCode = Math.max(exitCodes.usage.code, exitCodeOf(error));
  }
}
