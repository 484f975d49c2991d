#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander printed help, version or what is wrong with the arguments by itself.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code;
  } else {
    new Output({ json: false, debug: process.argv.includes('--debug') }).error(error);
    process.exitCode = Math.max(exitCodes.usage.code, exitCodeOf(error));
  }
}
