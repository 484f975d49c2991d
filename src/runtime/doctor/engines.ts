import { describeError } from '../../base/index.ts';
import { openDatabase } from '../../platform/index.ts';
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

/** What the last build says of each native part in its own words, and the engines that can be opened here. */
export async function checkNative(): Promise<readonly Check[]> {
  const { buildReport, nativeEngines } = await import('../../../device/native/index.ts');
  const items = buildReport();
  const build =
    items.length === 0
      ? [
          absent(
            'native',
            'not built',
            'Optional, less latency and memory: goshawk native build, where a C++ compiler is.',
          ),
        ]
      : items
          .filter(({ name }) => name !== 'onnxruntime' && name !== 'tensorrt')
          .map(({ name, state, detail, remedy }) => {
            const title = `native ${name.replace(/^addon$/, 'plane')}`;
            if (state === 'compiled') return ok(title, `compiled ${detail}`);
            return state === 'skipped' ? absent(title, detail, remedy) : broken(title, detail, remedy);
          });
  const engines = nativeEngines().map(({ engine, available, detail, remedy }) => {
    const title = engine === 'onnxruntime' ? 'onnxruntime (native)' : engine;
    return available ? ok(title, detail) : absent(title, detail, remedy);
  });
  return [...build, ...engines];
}
