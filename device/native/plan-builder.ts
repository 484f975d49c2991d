import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type BuildPlan, planProcess } from '../../native/index.ts';
import { CancelledError, GoshawkError, LimitError } from '../../src/base/index.ts';
import type { BuiltPlan } from '../../src/model/index.ts';
import { DetectorLostError } from '../../src/perception/index.ts';
import { renameSynced, syncFile } from '../../src/platform/index.ts';
import { explainNative } from './errors.ts';
import { PlanInMemory, type PlanSeal } from './plan-seal.ts';

export interface PlanProgress {
  readonly phase: string;
  /** 0..1 of the phase; negative where unknown. */
  readonly fraction: number;
  readonly workspaceBytes: number;
}

export interface PlanRequest extends Omit<BuildPlan, 'workspaceBytes' | 'secret'> {
  /** Where the network is encrypted: it and the plan never lie on a disk in plain; `onnx` is not read. */
  readonly seal?: PlanSeal;
  /** Tried in this order while memory runs out; see `workspaceSteps`. */
  readonly workspaces: readonly number[];
  readonly onProgress?: (progress: PlanProgress) => void;
  readonly signal?: AbortSignal;
}

/** Less workspace may help. */
const outOfMemory = 'native-out-of-memory';

/**
 * Builds a plan in a process of its own. The plan appears at its path complete or not at all. Rejects with a
 * CancelledError when the signal fires, with a LimitError when memory ran out in every try, else with the reason.
 */
export async function buildPlan(request: PlanRequest): Promise<BuiltPlan> {
  const { plan, seal } = request;
  const part = `${plan}.part`;
  const start = performance.now();
  const memory = seal === undefined ? undefined : await inMemory(seal);
  try {
    const peakMemoryBytes = await withLess(request, part, memory);
    const sealed =
      seal === undefined || memory === undefined ? {} : { plain: await memory.sealInto(seal, part) };
    await syncFile(part);
    await renameSynced(part, plan);
    return { buildMs: performance.now() - start, peakMemoryBytes, ...sealed };
  } finally {
    memory?.close();
    await rm(part, { force: true });
  }
}

async function inMemory(seal: PlanSeal): Promise<PlanInMemory> {
  const network = await seal.network();
  try {
    return new PlanInMemory(network, (file) => seal.keep(file));
  } finally {
    network.fill(0);
  }
}

async function withLess(
  request: PlanRequest,
  part: string,
  memory: PlanInMemory | undefined,
): Promise<number> {
  let last: unknown = new LimitError(
    outOfMemory,
    'No workspace was given.',
    'Give at least one size of workspace.',
  );
  for (const workspaceBytes of request.workspaces) {
    try {
      return await once(request, part, workspaceBytes, memory);
    } catch (error) {
      if (!(error instanceof LimitError) || error.code !== outOfMemory) throw error;
      last = error;
    }
  }
  throw last;
}

/** Which kernels are fast for which layers stays here too: what is encrypted leaves no trace on the disk. */
const secretFiles = { ...PlanInMemory.paths, timingCache: '', secret: true } as const;

interface Line {
  readonly phase?: string;
  readonly fraction?: number;
  readonly done?: boolean;
  readonly peakMemoryBytes?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

function once(
  request: PlanRequest,
  part: string,
  workspaceBytes: number,
  memory: PlanInMemory | undefined,
): Promise<number> {
  const { plugin, deviceOptions, engineOptions, onnx, timingCache, onProgress, signal } = request;
  // Files that are on the disk in plain text are not hidden from it.
  const files =
    memory === undefined
      ? { onnx, plan: part, timingCache }
      : { ...secretFiles, lockMemory: request.lockMemory === true };
  const spec: BuildPlan = { plugin, deviceOptions, engineOptions, workspaceBytes, ...files };
  const { script, addon } = planProcess();
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new CancelledError('The build of the engine'));
      return;
    }
    const child = spawn(process.execPath, [script, addon, JSON.stringify(spec)], {
      stdio: ['ignore', 'pipe', 'pipe', ...(memory?.descriptors ?? [])],
    });
    // Ending it is the one way to stop that always works.
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    let end: Line | undefined;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-2000);
    });
    // A process that could not be made has no streams, and tells its error afterwards.
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = parse(text);
        if (line?.phase !== undefined) {
          onProgress?.({ phase: line.phase, fraction: line.fraction ?? -1, workspaceBytes });
        } else if (line !== undefined) end = line;
      });
    }
    child.once('error', (cause) => {
      reject(
        new GoshawkError(
          'engine-build',
          `The build of the engine can't start: ${cause.message}`,
          'Check that this user may start processes, and that there is memory left.',
        ),
      );
    });
    child.once('close', (_, killedBy) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(new CancelledError('The build of the engine'));
      else if (end?.done === true) resolve(end.peakMemoryBytes ?? 0);
      else reject(whyEnded(end, killedBy, said));
    });
  });
}

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    // A library printed something of its own.
    return undefined;
  }
}

function whyEnded(end: Line | undefined, killedBy: NodeJS.Signals | null, said: string): GoshawkError {
  if (end?.error !== undefined) {
    const why = explainNative(
      Object.assign(new Error(end.error.message), end.error),
      'The build of the engine',
    );
    // What that process has lost this one still has.
    if (!(why instanceof DetectorLostError)) return why;
    return new GoshawkError(
      why.code,
      why.message,
      'Try another engine with --engine, and report the model to us.',
    );
  }
  if (killedBy === 'SIGKILL') {
    return new LimitError(
      outOfMemory,
      'The build of the engine was killed from outside; most likely the kernel ran out of memory.',
      'Stop other programs, add swap, or build on a board of the same kind with more memory.',
    );
  }
  return new GoshawkError(
    'engine-build',
    `The build of the engine ended ${killedBy === null ? 'without a word' : `by ${killedBy}`}. ${said}`.trim(),
    'Try another engine with --engine, and report the model to us.',
  );
}
