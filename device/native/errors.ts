import { buildCommand } from '../../native/index.ts';
import {
  CancelledError,
  describeError,
  GoshawkError,
  InputError,
  InternalError,
  LimitError,
  MissingError,
} from '../../src/base/index.ts';
import { type DetectorLoss, DetectorLostError } from '../../src/perception/index.ts';
import { installRemedy } from '../../src/platform/index.ts';

type Family = new (
  code: string,
  message: string,
  remedy: string,
  options?: { cause?: unknown },
) => GoshawkError;

/** What a code of the addon means for a person. */
const meanings: Readonly<Record<string, readonly [Family, string]>> = {
  'native-bad-frame': [InputError, 'Check what the camera driver says about its pictures.'],
  'native-bad-jpeg': [InputError, 'The picture was damaged on its way; check the camera and the transport.'],
  'native-no-jpeg': [MissingError, installRemedy('libturbojpeg0', 'libturbojpeg')],
  'native-model-input': [
    InputError,
    'The bundle does not fit its model; make it again with `goshawk model import`.',
  ],
  'native-model-output': [
    InputError,
    'The bundle does not fit its model; make it again with `goshawk model import`.',
  ],
  'native-timeout': [LimitError, 'The engine is too slow or hangs; take a smaller model, or another engine.'],
  'native-busy': [LimitError, 'Keep to the detector’s capacity.'],
  'native-out-of-memory': [
    LimitError,
    'Use a smaller model or fewer frames at once, or stop other programs.',
  ],
  'native-device-lost': [
    GoshawkError,
    'If it happens again, look at the kernel log (dmesg): for the device, and for memory that ran out.',
  ],
  'native-process-lost': [
    GoshawkError,
    'The agent restarts automatically. If it happens again, check the kernel log (dmesg) for the device.',
  ],
  'native-library': [MissingError, 'Install the library it names, or choose another engine with --engine.'],
  'native-not-found': [MissingError, 'Check the path, or choose another engine with --engine.'],
  'native-plugin-abi': [MissingError, `Build the plugins and the addon together: ${buildCommand()}`],
  'native-corrupt': [InputError, 'The file is damaged or was exported wrongly; fetch or build it again.'],
  'native-incompatible': [
    InputError,
    'It was made for another version or board; build the engine again on this device.',
  ],
  'native-unsupported': [InputError, 'The engine can’t run this model; export it with other operators.'],
  'native-memory-lock': [
    LimitError,
    'Set LimitMEMLOCK=infinity in the agent’s unit, or lockMemory to false.',
  ],
  'native-invalid': [InternalError, 'This is a defect of Goshawk; please report it.'],
  'native-engine': [GoshawkError, 'Try another engine with --engine.'],
  'native-internal': [InternalError, 'This is a defect of Goshawk; please report it.'],
};

/** After these no later frame can succeed. */
const losses: Readonly<Record<string, DetectorLoss>> = {
  'native-device-lost': 'device',
  'native-process-lost': 'process',
};

/** How `native/src/core/slot.cc` begins what it says of a warm-up that failed. */
const trialRun = 'The first run failed: ';
/** And `native/src/host/engine_host.cc` what it says where its memory can't be locked: no status of an engine says that. */
const notLocked = "The engine's memory can't be locked: ";
/** What an engine answers to a network that it can't run; lost devices, time and memory are no fault of the network. */
const faultsOfNetwork = ['native-engine', 'native-internal', 'native-invalid', 'native-unsupported'];

/** Turns an Error of the addon (it has a `code`) into a GoshawkError with a remedy; `what` says for what. */
export function explainNative(error: unknown, what: string): GoshawkError {
  if (error instanceof GoshawkError) return error;
  const said = describeError(error);
  const code = said.startsWith(notLocked) ? 'native-memory-lock' : errorCode(error);
  if (code === 'cancelled' || code === 'native-closed') return new CancelledError(what, { cause: error });
  if (faultsOfNetwork.includes(code) && said.startsWith(trialRun)) {
    return new InputError(
      'model-trial',
      `${what} loads, but fails when it runs: ${said.slice(trialRun.length)}`,
      'The network itself is at fault, most often by a shape that was exported wrongly; export it again for this input size, and try it with `goshawk run`, or take another engine with --engine.',
      { cause: error },
    );
  }
  const [Kind, remedy] = meanings[code] ?? [GoshawkError, 'Try another engine with --engine.'];
  const lost = losses[code];
  if (lost !== undefined)
    return new DetectorLostError(lost, code, `${what}: ${said}`, remedy, { cause: error });
  const known = code in meanings ? code : 'native-engine';
  return new Kind(known, `${what}: ${said}`, remedy, { cause: error });
}

/** What is wrong with the frame itself. */
const faultsOfFrame = ['native-bad-frame', 'native-bad-jpeg'];

/**
 * The same for a frame under way: what a model or a file would be blamed for when it is opened is a failure of the engine
 * once it has run.
 */
export function explainFrame(error: unknown, what: string): GoshawkError {
  const explained = explainNative(error, what);
  if (!(explained instanceof InputError) || faultsOfFrame.includes(explained.code)) return explained;
  const [, remedy] = meanings['native-engine']!;
  return new GoshawkError(explained.code, explained.message, remedy, { cause: error });
}

function errorCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return 'native-engine';
}
