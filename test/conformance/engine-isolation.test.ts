import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { type DetectorHandle, isolation, loadNative, pluginPath } from '../../native/index.ts';
import { expectedLeft, inOwnProcess, leftEdge, openEngine, referenceEngine, spec } from './engine-models.ts';
import { missingPlugin, titled } from './native-build.ts';

const why = missingPlugin('reference') ?? (isolation() === undefined ? 'it was not built' : undefined);
const engine = inOwnProcess(referenceEngine);

/** A detector whose engine runs in a process of its own, and that process's number. */
async function open(
  faults: Readonly<Record<string, string>> = {},
  change: Parameters<typeof spec>[0] = {},
): Promise<{ detector: DetectorHandle; pid: number }> {
  const native = loadNative();
  const handle = await openEngine(engine, change.slots === undefined ? 'fixed' : 'slow', faults);
  try {
    const pid = JSON.parse(native.describeEngine(handle).device).process as number;
    return { detector: await native.createDetector(handle, spec({ warmUp: false, ...change })), pid };
  } finally {
    native.closeEngine(handle);
  }
}

const codes = async (frames: readonly Promise<number>[]) =>
  (await Promise.allSettled(frames)).map((frame) =>
    frame.status === 'rejected' ? frame.reason.code : 'done',
  );

const ended = (pid: number) =>
  vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false), { timeout: 20_000 });

describe.skipIf(why !== undefined)(titled('An engine in a process of its own', why), () => {
  it('that is killed under load loses only the frames in progress, and reports each', async () => {
    const busy = { late_ms: '60000' };
    const { detector, pid } = await open(busy, { slots: 2, queue: 6, timeoutMs: 60_000 });
    const frames = [1, 2, 3, 4, 5, 6].map((level) => leftEdge(detector, level));
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(pid, 'SIGKILL');
    expect(new Set(await codes(frames))).toEqual(new Set(['native-device-lost']));
    await expect(leftEdge(detector, 7)).rejects.toThrow(`The engine's process ${pid} was ended by Killed.`);
    // No thread is left behind in it.
    expect(await loadNative().closeDetector(detector)).toBe(true);
    const { detector: fresh } = await open();
    expect(await leftEdge(fresh, 3)).toBe(expectedLeft(3));
    await loadNative().closeDetector(fresh);
  });

  it.each([
    ['crash_at', 'Aborted'],
    ['fault_at', 'Segmentation fault'],
  ])('that ends itself (%s) is told with the signal', async (fault, signal) => {
    const { detector } = await open({ [fault]: '2' });
    expect(await leftEdge(detector, 1)).toBe(expectedLeft(1));
    await expect(leftEdge(detector, 2)).rejects.toMatchObject({
      code: 'native-device-lost',
      message: expect.stringContaining(`was ended by ${signal}.`),
    });
    expect(await loadNative().closeDetector(detector)).toBe(true);
  });

  it('that hangs is ended soon after its frame timed out, and leaves nothing behind', async () => {
    const { detector, pid } = await open(
      { hang_at: '2' },
      { timeoutMs: 2000, giveUpMs: 20_000, closeTimeoutMs: 20_000 },
    );
    expect(await leftEdge(detector, 1)).toBe(expectedLeft(1));
    await expect(leftEdge(detector, 2)).rejects.toMatchObject({ code: 'native-timeout' });
    await ended(pid);
    await vi.waitFor(
      () => expect(leftEdge(detector, 3)).rejects.toMatchObject({ code: 'native-device-lost' }),
      { timeout: 20_000 },
    );
    expect(await loadNative().closeDetector(detector)).toBe(true);
    expect(loadNative().givenUpSlots(detector)).toBe(0);
  });

  it('that lost its process works again when it is opened anew', async () => {
    const { detector } = await open({ process_lost_at: '1' });
    await expect(leftEdge(detector, 1)).rejects.toMatchObject({ code: 'native-device-lost' });
    const { detector: fresh } = await open();
    expect(await leftEdge(fresh, 2)).toBe(expectedLeft(2));
    await Promise.all([detector, fresh].map((one) => loadNative().closeDetector(one)));
  });

  it('ends with its detector, and leaves no descriptor open', async () => {
    const native = loadNative();
    const count = () => readdirSync('/proc/self/fd').length;
    const before = count();
    for (let i = 0; i < 5; i++) {
      const { detector, pid } = await open();
      expect(await leftEdge(detector, i)).toBe(expectedLeft(i));
      await native.closeDetector(detector);
      await ended(pid);
    }
    await vi.waitFor(() => expect(count()).toBeLessThanOrEqual(before), { timeout: 20_000 });
  });

  it('knows no secret of the agent’s environment', async () => {
    process.env.GOSHAWK_TOKEN_OF_A_TEST = 'hidden';
    try {
      const { detector, pid } = await open();
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      expect(environment).toContain('PATH=');
      expect(environment).not.toContain('hidden');
      await loadNative().closeDetector(detector);
    } finally {
      delete process.env.GOSHAWK_TOKEN_OF_A_TEST;
    }
  });

  it('ends when the agent is killed', async () => {
    const script = `
      const native = require(${JSON.stringify(path.join(path.dirname(pluginPath('reference') ?? ''), 'goshawk.node'))});
      native.openEngine(${JSON.stringify({
        plugin: isolation()?.plugin,
        deviceOptions: { 'isolate.plugin': pluginPath('reference'), 'isolate.host': isolation()?.host },
        model: engine.model('fixed'),
        engineOptions: {},
      })}).then((engine) => {
        console.log(JSON.parse(native.describeEngine(engine).device).process);
        process.kill(process.pid, 'SIGKILL');
      });`;
    const died = await promisify(execFile)(process.execPath, ['-e', script]).catch((error) => error);
    expect(died.signal).toBe('SIGKILL');
    await ended(Number(died.stdout));
  });

  it('ends when the agent is killed while it lets go of a frame that hangs', async () => {
    const script = `
      const native = require(${JSON.stringify(path.join(path.dirname(pluginPath('reference') ?? ''), 'goshawk.node'))});
      (async () => {
        const engine = await native.openEngine(${JSON.stringify({
          plugin: isolation()?.plugin,
          deviceOptions: {
            'isolate.plugin': pluginPath('reference'),
            'isolate.host': isolation()?.host,
            'isolate.kill_ms': '60000',
            hang_at: '1',
          },
          model: engine.model('fixed'),
          engineOptions: {},
        })});
        console.log(JSON.parse(native.describeEngine(engine).device).process);
        const spec = ${JSON.stringify(spec({ timeoutMs: 0, closeTimeoutMs: 50, warmUp: false }))};
        const detector = await native.createDetector(engine, spec);
        // mono8; the numbers are those of native/frame-call.ts.
        native.detect(detector, new Uint8Array(4096), Float64Array.of(64, 64, 64, 2, 0.5, 0.5, 9, 9, 0)).catch(() => {});
        setTimeout(() => native.closeDetector(detector).catch(() => {}), 100);
        setTimeout(() => process.kill(process.pid, 'SIGKILL'), 600);
      })();`;
    const died = await promisify(execFile)(process.execPath, ['-e', script]).catch((error) => error);
    expect(died.signal).toBe('SIGKILL');
    await ended(Number(died.stdout));
  });

  it.each([
    [
      'isolate.host',
      '/nowhere/host',
      'native-not-found',
      'The engine’s process /nowhere/host does not start',
    ],
    ['isolate.plugin', '/nowhere/plugin.so', 'native-not-found', 'cannot open shared object file'],
  ])('whose %s is not there is refused in words', async (option, file, code, words) => {
    await expect(openEngine(engine, 'fixed', { [option]: file })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words.replace('’', "'")),
    });
  });
});
