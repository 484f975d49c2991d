import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { pluginPath } from '../../native/index.ts';
import { digestOf, writeBundle } from '../../src/adapters/filesystem/index.ts';
import type { CameraSummary } from '../../src/runtime/device/summary.ts';
import { referenceModel } from '../conformance/engine-models.ts';
import { headOf } from '../fixtures/head.ts';
import { tinyManifest } from '../fixtures/tiny-bundle.ts';
import { startWith } from './goshawk.ts';

export interface LogLine {
  readonly msg?: string;
  readonly engine?: string;
  readonly event?: string;
  readonly reason?: string;
  /** Of the summary at the end. */
  readonly cameras?: readonly CameraSummary[];
}

/** A process of `goshawk agent`, and what it says. */
export class AgentProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  #text = '';

  constructor(settings: string, environment: NodeJS.ProcessEnv = {}) {
    this.process = startWith(environment, 'agent', '--config', settings, '--json');
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text;
      });
    this.ended = new Promise((done) => this.process.once('close', (code, signal) => done({ code, signal })));
  }

  get lines(): readonly LogLine[] {
    return this.#text
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Kinds of the events that it told its fleet, in order. */
  get events(): readonly string[] {
    return this.lines.flatMap(({ event }) => event ?? []);
  }

  /** The first line that is wanted. Waits for as long as the test has. */
  async line(wanted: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = this.lines.find(wanted);
      if (found !== undefined) return found;
      const { exitCode, signalCode } = this.process;
      if (exitCode !== null || signalCode !== null) return expect.unreachable(`It ended:\n${this.#text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends it as the service manager does. */
  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.ended;
  }
}

/** The reference engine under the names of others: what finds plugins takes it for them. */
export function pluginFolder(base: string, ...engines: readonly ('tensorrt' | 'onnxruntime')[]): string {
  const folder = join(base, `plugins-${engines.join('-')}`);
  mkdirSync(folder, { recursive: true });
  for (const engine of engines)
    copyFileSync(pluginPath('reference') ?? '', join(folder, `goshawk_${engine}.so`));
  return folder;
}

const onnx = join(import.meta.dirname, '../fixtures/native/fixed.onnx');

/**
 * A bundle that TensorRT takes as integers, which here are a text for the reference engine. `next`: what the engines after
 * it get, an ONNX file, or such a text too.
 */
export async function referenceBundle(base: string, next: 'onnx' | 'reference'): Promise<string> {
  const text = Buffer.from(referenceModel('fixed'));
  const files = new Map([
    ['qdq-s8.onnx', text],
    ['fp32.onnx', next === 'onnx' ? readFileSync(onnx) : Buffer.from(`${text}\n`)],
  ]);
  const tiny = tinyManifest();
  const manifest = tinyManifest({
    name: 'street',
    labels: ['car', 'person'],
    input: { ...tiny.input, width: 64, height: 64, colorOrder: 'rgb', fit: 'stretch' },
    output: headOf('yolov5', 2),
    variants: (['qdq-s8', 'fp32'] as const).map((kind) => {
      const path = `${kind}.onnx`;
      const bytes = files.get(path)!;
      return { kind, file: { path, digest: digestOf(bytes), size: bytes.length } };
    }),
  });
  return (await writeBundle(join(base, 'street'), manifest, files)).location;
}

/** Settings of an agent whose broker is not there: it perceives all the same. */
export function agentSettings(base: string, model: string, more: object = {}): string {
  const file = join(base, 'agent.json');
  const settings = {
    device: 'd1',
    dataDir: join(base, 'data'),
    broker: { url: 'mqtt://127.0.0.1:9' },
    model,
    cameras: { front: { source: 'sim', fps: 5 } },
    probationSeconds: 0,
    ...more,
  };
  writeFileSync(file, JSON.stringify(settings));
  return file;
}
