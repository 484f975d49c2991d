import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildReport, loadNative, pluginPath } from '../../native/index.ts';
import { describeError, MissingError } from '../../src/base/index.ts';
import type { EngineName } from '../../src/model/index.ts';

/** An engine of this machine, in words for `goshawk doctor` and the log. */
export interface EngineState {
  readonly engine: EngineName;
  readonly available: boolean;
  /** Why, or why not. */
  readonly detail: string;
  /** What would make it available; empty where it is. */
  readonly remedy: string;
}

export interface EngineChoice {
  readonly engine: EngineName;
  /** In words, for the log and the report: also why better ones were passed over. */
  readonly reason: string;
}

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
export function nativeEngines(): EngineState[] {
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
        remedy: item?.remedy ?? 'Run node native/build.mjs',
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

/**
 * The engine to use: the one that is wanted, else the first available of tensorrt, onnxruntime, onnxruntime-node (which
 * needs nothing native). `crashed` names engines that took the process down the last time. Throws a MissingError where
 * the wanted one is not there.
 */
export function chooseEngine(
  states: readonly EngineState[],
  wanted?: EngineName,
  crashed: readonly EngineName[] = [],
): EngineChoice {
  if (wanted !== undefined) {
    const state = states.find(({ engine }) => engine === wanted);
    if (state === undefined || state.available) return { engine: wanted, reason: 'asked for' };
    throw new MissingError(
      'engine-missing',
      `The engine ${wanted} is not available here. ${state.detail}`,
      state.remedy,
    );
  }
  const passedOver: string[] = [];
  for (const { engine, available, detail } of states) {
    if (!available) {
      passedOver.push(`${engine}: ${detail}`);
    } else if (crashed.includes(engine)) {
      passedOver.push(`${engine}: it crashed the last time`);
    } else {
      return { engine, reason: ['the best that is here', ...passedOver].join('; ') };
    }
  }
  return { engine: 'onnxruntime-node', reason: ['no native engine', ...passedOver].join('; ') };
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
