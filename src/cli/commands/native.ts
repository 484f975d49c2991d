import type { Command } from 'commander';
import { buildNativeParts } from '../../runtime/index.ts';
import { examples, finish } from '../command.ts';

export function nativeCommand(program: Command): void {
  const native = program.command('native').description('the native parts, which are compiled');
  finish(
    native
      .command('build')
      .description('compile on this machine what has to fit its libraries: TensorRT, DDS, GStreamer')
      .addHelpText('after', examples('native build')),
    async ({ output }) => buildNativeParts((line) => output.note(line)),
  );
}
