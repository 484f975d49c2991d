import type { AddonName } from '../../../device/native/index.ts';
import { describeError } from '../../base/index.ts';
import { openDatabase } from '../../platform/index.ts';
import type { AddonVerdict } from '../trials/addons.ts';
import { absent, broken, type Check, firstLineOf, ok } from './check.ts';

const installAgain = 'Run `npm ci` again; without it the main work is not possible.';

export async function checkOnnxruntimeNode(): Promise<Check> {
  try {
    const { onnxruntimeVersion } = await import('../../adapters/onnxruntime/index.ts');
    return ok('onnxruntime-node', `${await onnxruntimeVersion()}, runs every bundle on the processor`);
  } catch (error) {
    return broken('onnxruntime-node', `does not load: ${describeError(error)}`, installAgain);
  }
}

export async function checkSharp(): Promise<Check> {
  try {
    const { sharpVersions } = await import('../../adapters/sharp/index.ts');
    const { sharp, libvips } = sharpVersions();
    return ok('sharp', `${sharp} with libvips ${libvips}`);
  } catch (error) {
    return broken('sharp', `does not load: ${describeError(error)}`, installAgain);
  }
}

export async function checkSqlite(): Promise<Check> {
  try {
    const database = openDatabase(':memory:');
    const row = database.prepare('select sqlite_version() as version').get() as { version: string };
    database.close();
    return ok('sqlite', `SQLite ${row.version}`);
  } catch (error) {
    return broken('sqlite', `does not load: ${describeError(error)}`, installAgain);
  }
}

export async function checkCompiler(): Promise<Check> {
  const compiler = (await firstLineOf('c++', ['--version'])) ?? (await firstLineOf('clang++', ['--version']));
  return compiler === undefined
    ? absent(
        'compiler',
        'no C++ compiler',
        'For the native data plane (less latency and memory): sudo apt-get install build-essential, then goshawk native build',
      )
    : ok('compiler', compiler);
}

const titles: Readonly<Partial<Record<AddonName, string>>> = {
  onnxruntime: 'onnxruntime (native)',
  tensorrt: 'tensorrt',
  gstreamer: 'gstreamer',
};

/** Each native part: whether it is installed, and loads; then the engines that can be opened. */
export async function checkNative(verdicts: readonly AddonVerdict[]): Promise<readonly Check[]> {
  const { hasKernels, nativeEngines } = await import('../../../device/native/index.ts');
  const engines = new Map(nativeEngines().map((engine) => [engine.engine as string, engine]));
  const rows = verdicts.map(({ addon, state, detail, remedy = '' }) => {
    const title = titles[addon] ?? `native ${addon}`;
    if (state === 'broken') return broken(title, detail, remedy);
    const engine = engines.get(addon);
    // Its plugin loads, and what it is made for may still not be there.
    if (engine !== undefined && !engine.available) return absent(title, engine.detail, engine.remedy);
    return state === 'loads' ? ok(title, detail) : absent(title, detail, remedy);
  });
  const tensorrt = verdicts.some(({ addon, state }) => addon === 'tensorrt' && state === 'loads');
  return tensorrt ? [...rows, checkKernels(hasKernels())] : rows;
}

function checkKernels(compiled: boolean): Check {
  return compiled
    ? ok('gpu letterbox', 'compiled; goshawk selftest tries it on the GPU')
    : absent(
        'gpu letterbox',
        'its kernel was not compiled',
        'Where nvcc is installed: sudo goshawk native build. Without it the processor does the letterbox.',
      );
}
