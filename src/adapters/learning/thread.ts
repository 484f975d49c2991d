import { createHash } from 'node:crypto';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { asGoshawkError } from '../../base/index.ts';
import {
  formatProfile,
  ProfileBuilder,
  type ProfileOptions,
  parseProfile,
  resumeLearning,
  saveLearning,
} from '../../drift/index.ts';
import { unpackFrames } from './frame-batch.ts';
import { handOver } from './hand-over.ts';
import { readKept, removeKept, writeKept } from './kept-file.ts';
import type { Failed, FromThread, Keep, Task, ToThread } from './messages.ts';

/** Works on profiles in a thread of its own: the end of learning takes seconds of CPU, and no frame waits for it. */
function serve(port: MessagePort, task: Task): void {
  if (task.kind === 'learn') serveLearning(port, task.options, task.keep);
  else unpack(port, task.bytes, task.where);
}

function serveLearning(port: MessagePort, options: ProfileOptions, keep: Keep | undefined): void {
  const builder = (keep && resume(port, options, keep)) ?? new ProfileBuilder(options);
  let told = builder.progress.ticks;
  let kept = told;
  if (told > 0) say(port, { kind: 'progress', progress: builder.progress });
  port.on('message', (message: ToThread) =>
    attempt(port, () => {
      if (message.kind === 'finish') {
        const bytes = new Uint8Array(Buffer.from(formatProfile(builder.finish())));
        give(port, bytes, 'The learned profile', true);
        return;
      }
      for (const { thumbnail, result, atMs } of unpackFrames(message.batch))
        builder.observe(thumbnail, result, atMs);
      const { progress } = builder;
      if (progress.ticks === told) return;
      told = progress.ticks;
      say(port, { kind: 'progress', progress });
      if (keep === undefined || told - kept < keep.everySeconds) return;
      kept = told;
      attempt(port, () => writeKept(keep.path, keep.order, saveLearning(builder)), 'not-kept');
    }),
  );
}

/** What an earlier life of the agent kept, if it is of this order. What can't be used is told once and removed. */
function resume(
  port: MessagePort,
  options: ProfileOptions,
  { path, order }: Keep,
): ProfileBuilder | undefined {
  let builder: ProfileBuilder | undefined;
  attempt(
    port,
    () => {
      const kept = readKept(path);
      if (kept?.order === order)
        builder = resumeLearning(kept.state, options, `What was learned so far, in ${path},`);
    },
    'lost',
  );
  if (builder === undefined) attempt(port, () => removeKept(path), 'not-kept');
  return builder;
}

function unpack(port: MessagePort, bytes: Uint8Array, where: string): void {
  // Keeps the thread until it is ended: the pieces wait in it.
  port.on('message', () => {});
  attempt(port, () => give(port, bytes, where, false));
}

/** Reads the text as every profile is read, and hands it over. */
function give(port: MessagePort, bytes: Uint8Array, where: string, isNew: boolean): void {
  const profile = parseProfile(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
    where,
  );
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const pieces = handOver(profile);
  const message: FromThread = { kind: 'profile', pieces, digest, ...(isNew ? { bytes } : {}) };
  port.postMessage(message, isNew ? [pieces, bytes.buffer as ArrayBuffer] : [pieces]);
}

function attempt(port: MessagePort, work: () => void, kind: Failed['kind'] = 'failed'): void {
  try {
    work();
  } catch (error) {
    const { code, message, remedy } = asGoshawkError(error, 'profile-failed');
    say(port, { kind, code, message, remedy });
  }
}

function say(port: MessagePort, message: FromThread): void {
  port.postMessage(message);
}

if (parentPort !== null) serve(parentPort, workerData as Task);
