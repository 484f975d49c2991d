import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describeError } from '../../base/index.ts';
import { loadNative } from '../detectors.ts';
import { absent, broken, type Check, firstLineOf, ok } from './check.ts';

const installAgain = 'Run `npm ci` again; without it the main work is not possible.';

export async function checkOnnxruntimeNode(): Promise<Check> {
  try {
    const { env } = await import('onnxruntime-node');
    return ok(
      'onnxruntime-node',
      `${env.versions.node ?? env.versions.common}, runs every bundle on the processor`,
    );
  } catch (error) {
    return broken('onnxruntime-node', `does not load: ${describeError(error)}`, installAgain);
  }
}

export async function checkSharp(): Promise<Check> {
  try {
    const { default: sharp } = await import('sharp');
    return ok('sharp', `${sharp.versions.sharp ?? ''} with libvips ${sharp.versions.vips}`);
  } catch (error) {
    return broken('sharp', `does not load: ${describeError(error)}`, installAgain);
  }
}

export async function checkSqlite(): Promise<Check> {
  try {
    const { DatabaseSync } = await import('@photostructure/sqlite');
    const database = new DatabaseSync(':memory:');
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
        'For the native data plane (less latency and memory): sudo apt-get install build-essential, then npm run build',
      )
    : ok('compiler', compiler);
}

/** What the last build of the native plane says of itself, in its own words. */
export async function checkNativeBuild(): Promise<Check> {
  const paths = ['../../../native/build/report.json', '../../../../native/build/report.json'];
  const path = paths.map((candidate) => new URL(candidate, import.meta.url)).find(existsSync);
  if (path === undefined) {
    return absent('native', 'not built', 'Optional: npm run build compiles it where a C++ compiler is.');
  }
  try {
    return ok('native', wordsOf(JSON.parse(await readFile(path, 'utf8'))));
  } catch (error) {
    return broken(
      'native',
      `its build report can't be read: ${describeError(error)}`,
      'Run npm run build again.',
    );
  }
}

function wordsOf(report: unknown): string {
  if (typeof report !== 'object' || report === null) return String(report);
  return Object.entries(report)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join('; ');
}

/** The engines of the native plane, as `createDetector` would choose among them. */
export async function checkNativeEngines(): Promise<readonly Check[]> {
  const engines = await (await loadNative()).engines();
  return engines.map(({ engine, available, reason }) => {
    const name = engine === 'tensorrt' ? 'tensorrt' : 'onnxruntime (native)';
    if (available) return ok(name, reason);
    const remedy =
      engine === 'tensorrt'
        ? 'Needs an NVIDIA GPU and TensorRT 8.5 or newer (part of JetPack), and npm run build.'
        : 'Needs a C++ compiler and ONNX Runtime (Debian: libonnxruntime-dev), and npm run build.';
    return absent(name, reason, remedy);
  });
}
