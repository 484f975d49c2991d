import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError, InputError, LimitError } from '../../../../src/base/index.ts';
import type { EngineJob } from '../../../../src/runtime/trials/job.ts';
import { runJob } from '../../../../src/runtime/trials/run-job.ts';

const job: EngineJob = {
  kind: 'engine',
  bundle: '/nowhere',
  engine: 'tensorrt',
  variant: 'fp32',
  plans: '/nowhere',
  maxBatch: 1,
  gpuPreprocess: false,
  measureMs: 0,
};
const never = new AbortController().signal;
const minuteMs = 60_000;
const limitsOf = (module: URL) => ({ what: 'The engine', limitMs: minuteMs, signal: never, module });

/** Processes that do what engines do to theirs. */
describe('A process that tries one thing', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-engine-job-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function script(name: string, text: string): URL {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, text);
    return pathToFileURL(file);
  }

  it('answers with its outcome', async () => {
    const module = script(
      'answers',
      'process.once("message", (job) => { process.send({ ok: true, outcome: job }); process.disconnect(); });',
    );
    expect(await runJob(job, limitsOf(module))).toMatchObject({ bundle: '/nowhere' });
  });

  it('answers with its reason, code and remedy', async () => {
    const torn = { family: 'input', code: 'native-corrupt', message: 'It is torn.', remedy: 'Copy it.' };
    const reply = { ok: false, error: torn };
    const module = script('refuses', `process.send(${JSON.stringify(reply)});process.disconnect();`);
    const error = await runJob(job, limitsOf(module)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: 'native-corrupt', message: 'It is torn.', remedy: 'Copy it.' });
  });

  it('may die: its signal and its last words are told', async () => {
    const module = script(
      'dies',
      'process.stderr.write("free(): invalid pointer\\n", () => process.abort());',
    );
    await expect(runJob(job, limitsOf(module))).rejects.toMatchObject({
      code: 'trial-crash',
      message: expect.stringMatching(/by SIGABRT\. Its last words: .*\S/s),
    });
  });

  it('may be taken by the kernel, which most likely had no memory', async () => {
    const module = script('killed', 'process.kill(process.pid, "SIGKILL");');
    await expect(runJob(job, limitsOf(module))).rejects.toMatchObject({
      remedy: expect.stringContaining('memory ran out'),
    });
  });

  it('may hang, and is ended after its time', async () => {
    const module = script('hangs', 'setInterval(() => {}, 1000);');
    await expect(runJob(job, { ...limitsOf(module), limitMs: 500 })).rejects.toBeInstanceOf(LimitError);
  });

  it('may hang after its answer, which counts', async () => {
    const module = script(
      'hangs-at-its-end',
      'process.once("message", (job) => { process.send({ ok: true, outcome: job }); setInterval(() => {}, 1000); });',
    );
    expect(await runJob(job, { ...limitsOf(module), limitMs: 60 * minuteMs })).toMatchObject({
      bundle: '/nowhere',
    });
  });

  it('is ended with the selftest', async () => {
    const module = script('waits', 'process.send("here"); setInterval(() => {}, 1000);');
    const abort = new AbortController();
    const running = runJob(job, { ...limitsOf(module), signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toThrow();
    await expect(runJob(job, { ...limitsOf(module), signal: abort.signal })).rejects.toBeInstanceOf(
      CancelledError,
    );
  });

  it('says what is wrong with a bundle that is not there', async () => {
    await expect(runJob(job, { what: 'The engine', limitMs: minuteMs, signal: never })).rejects.toMatchObject(
      { code: 'bundle-missing' },
    );
  });
});
