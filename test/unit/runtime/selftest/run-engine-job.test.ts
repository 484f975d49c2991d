import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError, GoshawkError, LimitError } from '../../../../src/base/index.ts';
import type { EngineJob } from '../../../../src/runtime/selftest/engine-job.ts';
import { runEngineJob } from '../../../../src/runtime/selftest/run-engine-job.ts';

const job: EngineJob = {
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

/** Processes that do what engines do to theirs. */
describe('A process that tries one engine', () => {
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
      'process.send({ ok: true, outcome: JSON.parse(process.argv[2]) });process.disconnect();',
    );
    expect(await runEngineJob(job, minuteMs, never, module)).toMatchObject({ bundle: '/nowhere' });
  });

  it('answers with its reason, code and remedy', async () => {
    const reply = { ok: false, code: 'native-corrupt', message: 'It is torn.', remedy: 'Copy it.' };
    const module = script('refuses', `process.send(${JSON.stringify(reply)});process.disconnect();`);
    const error = await runEngineJob(job, minuteMs, never, module).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GoshawkError);
    expect(error).toMatchObject({ code: 'native-corrupt', message: 'It is torn.', remedy: 'Copy it.' });
  });

  it('may die: its signal and its last words are told', async () => {
    const module = script(
      'dies',
      'process.stderr.write("free(): invalid pointer\\n", () => process.abort());',
    );
    await expect(runEngineJob(job, minuteMs, never, module)).rejects.toMatchObject({
      code: 'selftest-crash',
      message: expect.stringMatching(/by SIGABRT\. Its last words: .*\S/s),
    });
  });

  it('may be taken by the kernel, which most likely had no memory', async () => {
    const module = script('killed', 'process.kill(process.pid, "SIGKILL");');
    await expect(runEngineJob(job, minuteMs, never, module)).rejects.toMatchObject({
      remedy: expect.stringContaining('memory ran out'),
    });
  });

  it('may hang, and is ended after its time', async () => {
    const module = script('hangs', 'setInterval(() => {}, 1000);');
    await expect(runEngineJob(job, 500, never, module)).rejects.toBeInstanceOf(LimitError);
  });

  it('is ended with the selftest', async () => {
    const module = script('waits', 'process.send("here"); setInterval(() => {}, 1000);');
    const abort = new AbortController();
    const running = runEngineJob(job, minuteMs, abort.signal, module);
    abort.abort();
    await expect(running).rejects.toThrow();
    await expect(runEngineJob(job, minuteMs, abort.signal, module)).rejects.toBeInstanceOf(CancelledError);
  });

  it('says what is wrong with a bundle that is not there', async () => {
    await expect(runEngineJob(job, minuteMs, never)).rejects.toMatchObject({ code: 'bundle-missing' });
  });
});
