import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildCommand, buildReport, kernelPath, loadNative, pluginPath } from '../../native/index.ts';
import type { EngineAvailability } from '../../src/agent/index.ts';
import { describeError, MissingError } from '../../src/base/index.ts';

/** What the addon can do on this machine, for `goshawk doctor`; undefined where it is not there. */
export function nativeFeatures(): { readonly simd: string; readonly jpeg: string } | undefined {
  try {
    const { simd, jpegProblem } = loadNative().features();
    return { simd, jpeg: jpegProblem === '' ? 'libjpeg-turbo' : `none: ${jpegProblem}` };
  } catch {
    return undefined;
  }
}

/** The engines behind the addon: whether their plugin is there. Whether TensorRT itself loads shows when it is opened. */
export function nativeEngines(): EngineAvailability[] {
  const report = new Map(buildReport().map((item) => [item.name, item]));
  let problem: { detail: string; remedy: string } | undefined;
  try {
    loadNative();
  } catch (error) {
    problem = {
      detail: error instanceof MissingError ? error.message : describeError(error),
      remedy: error instanceof MissingError ? error.remedy : '',
    };
  }
  return (['tensorrt', 'onnxruntime'] as const).map((engine) => {
    if (problem !== undefined) return { engine, available: false, ...problem };
    const item = report.get(engine);
    if (pluginPath(engine) === undefined) {
      return {
        engine,
        available: false,
        detail:
          item === undefined ? 'Its plugin was not built.' : `Its plugin was not built: ${item.detail}.`,
        remedy: item?.remedy ?? `Run ${buildCommand()}`,
      };
    }
    if (engine === 'onnxruntime' && onnxruntimeLibrary() === undefined) {
      return {
        engine,
        available: false,
        detail: 'The library of ONNX Runtime was not found in the package onnxruntime-node.',
        remedy: 'npm install onnxruntime-node',
      };
    }
    return {
      engine,
      available: true,
      detail: `Plugin compiled ${item?.state === 'compiled' ? item.detail : 'on this machine'}`,
      remedy: '',
    };
  });
}

/** What TensorRT says of its device: versions, name, cores. Rejects where the library or the device does not open. */
export async function describeTensorrt(): Promise<Readonly<Record<string, unknown>>> {
  const plugin = pluginPath('tensorrt') ?? '';
  return JSON.parse(await loadNative().describeDevice({ plugin, deviceOptions: {} }));
}

/** The letterbox for the GPU was compiled. */
export function hasKernels(): boolean {
  return kernelPath() !== undefined;
}

/** The pretended device of the tests; undefined where it was not built, as in every package. */
export function referencePlugin(): string | undefined {
  return pluginPath('reference');
}

/** ONNX Runtime's shared library as the npm package ships it, absolute; undefined where it is not installed. */
export function onnxruntimeLibrary(): string | undefined {
  try {
    const root = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
    const file = path.join(root, 'bin/napi-v6/linux', process.arch, 'libonnxruntime.so.1');
    return existsSync(file) ? realpathSync(file) : undefined;
  } catch {
    return undefined;
  }
}
