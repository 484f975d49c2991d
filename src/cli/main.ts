#!/usr/bin/env node
import { stopSignals } from './stop-signals.ts';

// Before the rest is loaded: a launch file that is ended at once must not read it as a crash.
stopSignals.listen();

// ONNX Runtime's binaries from npm (1.29 and newer) tell Microsoft about models and sessions unless this is set before
// they load. Worker threads only get a copy of the environment, so it is set here.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

// Commander writes its help by itself: where the reader has gone (`goshawk --help | head`), there is nobody to tell. `Output`
// ends a command whose results nobody reads any more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { runCommandLine } = await import('./start.ts');
await runCommandLine(process.argv);
// When the event loop ends by itself, Node gives signals their default action back while it takes the process down.
process.once('beforeExit', () => process.exit());
