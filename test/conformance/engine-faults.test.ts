import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { loadNative, pluginPath } from '../../native/index.ts';
import {
  expectedLeft,
  leftEdge,
  onnxruntimeEngine,
  openDetector,
  openEngine,
  referenceEngine,
  referenceModel,
  spec,
  temporaryFolder,
} from './engine-models.ts';
import { missingPlugin, titled } from './native-build.ts';

const why = missingPlugin('reference');
const engine = referenceEngine;

describe.skipIf(why !== undefined)(titled('a sick engine', why), () => {
  it('that answers in another order mixes nothing up', async () => {
    const detector = await openDetector(engine, 'fixed', { slots: 4, queue: 40 }, { reorder: '1' });
    const levels = Array.from({ length: 30 }, (_, i) => i);
    const lefts = await Promise.all(levels.map((level) => leftEdge(detector, level)));
    expect(lefts).toEqual(levels.map(expectedLeft));
    await loadNative().closeDetector(detector);
  });

  it('that answers too late loses that frame; the slot works again after its answer', async () => {
    const detector = await openDetector(
      engine,
      'fixed',
      { timeoutMs: 1000, warmUp: false },
      { never_at: '1' },
    );
    await expect(leftEdge(detector, 1)).rejects.toMatchObject({ code: 'native-timeout' });
    expect(await leftEdge(detector, 2)).toBe(expectedLeft(2));
    expect(loadNative().stuckSlots(detector)).toBe(0);
    await loadNative().closeDetector(detector);
  });

  it('that has no memory for a tensor makes no detector', async () => {
    await expect(openDetector(engine, 'fixed', {}, { no_memory_at_allocation: '2' })).rejects.toMatchObject({
      code: 'native-out-of-memory',
    });
  });

  it('that has no memory for one frame fails that one only', async () => {
    const detector = await openDetector(engine, 'fixed', { warmUp: false }, { no_memory_at_frame: '2' });
    expect(await leftEdge(detector, 1)).toBe(expectedLeft(1));
    await expect(leftEdge(detector, 2)).rejects.toMatchObject({ code: 'native-out-of-memory' });
    expect(await leftEdge(detector, 3)).toBe(expectedLeft(3));
    await loadNative().closeDetector(detector);
  });

  it('whose device is lost says so for every frame, and can be closed', async () => {
    const detector = await openDetector(engine, 'fixed', { warmUp: false }, { lost_at: '2' });
    expect(await leftEdge(detector, 1)).toBe(expectedLeft(1));
    await expect(leftEdge(detector, 2)).rejects.toMatchObject({ code: 'native-device-lost' });
    await expect(leftEdge(detector, 3)).rejects.toMatchObject({ code: 'native-device-lost' });
    expect(await loadNative().closeDetector(detector)).toBe(true);
  });

  it('whose device is lost works again after it is reopened', async () => {
    const lost = await openDetector(engine, 'fixed', { warmUp: false }, { lost_at: '1' });
    await expect(leftEdge(lost, 1)).rejects.toMatchObject({ code: 'native-device-lost' });
    const fresh = await openDetector(engine, 'fixed', { warmUp: false }, { lost_at: '2' });
    expect(await leftEdge(fresh, 1)).toBe(expectedLeft(1));
    await Promise.all([lost, fresh].map((detector) => loadNative().closeDetector(detector)));
  });

  it('that lost the process says so for every frame, and for every device after it', async () => {
    // In a process of its own: nothing of this engine works in it any more.
    const told = await endOf(
      'reference',
      `const codes = [];
      const code = (work) => work.then(() => 'ok', (error) => error.code).then((one) => codes.push(one));
      await code(native.detect(detector, new Uint8Array(4096), Float64Array.of(64, 64, 64, 2, 0.5, 0.5, 9, 9, 0)));
      await code(native.openEngine(opening));
      await code(native.closeDetector(detector));
      console.log(codes.join(' '));`,
      { process_lost_at: '2' },
    );
    expect(told).toBe('0 native-process-lost native-process-lost ok');
  });

  it('that hangs is given up with its slot, and a new one takes its place', async () => {
    const native = loadNative();
    // The reference engine holds its thread for the hour that it was told: what is left of it ends with this process.
    const detector = await openDetector(
      engine,
      'fixed',
      { timeoutMs: 2000, giveUpMs: 50, closeTimeoutMs: 100, warmUp: false },
      { hang_at: '2', hang_once: '1' },
    );
    expect(await leftEdge(detector, 1)).toBe(expectedLeft(1));
    await expect(leftEdge(detector, 2)).rejects.toMatchObject({ code: 'native-timeout' });
    await vi.waitFor(() => expect(native.givenUpSlots(detector)).toBe(1), { timeout: 20_000 });
    await vi.waitFor(async () => expect(await leftEdge(detector, 3)).toBe(expectedLeft(3)), {
      timeout: 20_000,
    });
    // A thread is still inside of it.
    expect(await native.closeDetector(detector)).toBe(false);
  });

  it('that is lost at the first run makes no detector', async () => {
    await expect(openDetector(engine, 'fixed', {}, { lost_at: '1' })).rejects.toMatchObject({
      code: 'native-device-lost',
    });
  });

  it('that loads slowly does not hold the JavaScript thread', async () => {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 10);
    const handle = await openEngine(engine, 'fixed', { build_ms: '1500' });
    clearInterval(timer);
    loadNative().closeEngine(handle);
    expect(ticks).toBeGreaterThan(5);
  });

  it('that gives no engine and no reason is refused in words', async () => {
    await expect(openEngine(engine, 'fixed', { null_engine: '1' })).rejects.toMatchObject({
      code: 'native-engine',
      message: expect.stringContaining('did not say why'),
    });
  });

  it('refuses an engine file of another board', async () => {
    const file = path.join(temporaryFolder(), 'other.txt');
    writeFileSync(file, referenceModel('fixed', 'orin-nano'));
    await expect(openEngine({ ...engine, model: () => file }, 'fixed')).rejects.toMatchObject({
      code: 'native-incompatible',
      message: expect.stringContaining('orin-nano'),
    });
  });

  it('refuses an engine file of another version', async () => {
    const file = path.join(temporaryFolder(), 'newer.txt');
    writeFileSync(file, referenceModel('fixed').replace('reference 1', 'reference 12'));
    await expect(openEngine({ ...engine, model: () => file }, 'fixed')).rejects.toMatchObject({
      code: 'native-incompatible',
      message: expect.stringContaining('built by version 12'),
    });
  });
});

describe.skipIf(why !== undefined)(titled('a plugin', why), () => {
  const open = (plugin: string, deviceOptions: Record<string, string> = {}) =>
    loadNative().openEngine({ plugin, deviceOptions, model: engine.model('fixed'), engineOptions: {} });

  it('of another ABI version is refused, and both versions are named', async () => {
    const copy = path.join(temporaryFolder(), 'goshawk_old.so');
    copyFileSync(pluginPath('reference') ?? '', copy);
    process.env.GOSHAWK_REFERENCE_ABI = '7';
    try {
      await expect(open(copy)).rejects.toMatchObject({
        code: 'native-plugin-abi',
        message: 'The plugin speaks ABI 7, the host speaks 1.',
      });
    } finally {
      delete process.env.GOSHAWK_REFERENCE_ABI;
    }
  });

  it('that does not load is refused in the words of the loader', async () => {
    const file = path.join(temporaryFolder(), 'goshawk_text.so');
    writeFileSync(file, 'This is text, long enough to be read as the header of a library, but it is none.');
    await expect(open(file)).rejects.toMatchObject({
      code: 'native-library',
      message: expect.stringMatching(/goshawk_text\.so: invalid ELF header/),
    });
    await expect(open('/nowhere/goshawk_none.so')).rejects.toMatchObject({
      message: expect.stringContaining('cannot open shared object file'),
    });
  });

  it('is refused where the library is none of ours', async () => {
    const addon = path.join(path.dirname(pluginPath('reference') ?? ''), 'goshawk.node');
    await expect(open(addon)).rejects.toMatchObject({
      code: 'native-plugin-abi',
      message: expect.stringContaining('goshawk_plugin_open'),
    });
  });

  it.skipIf(missingPlugin('onnxruntime') !== undefined)(
    'whose engine library is missing hands on the words of the loader',
    async () => {
      const library = '/nowhere/libonnxruntime.so.1';
      const absent = { ...onnxruntimeEngine, deviceOptions: { library } };
      await expect(openEngine(absent, 'fixed')).rejects.toMatchObject({
        code: 'native-not-found',
        message: expect.stringContaining(`${library}: cannot open shared object file`),
      });
    },
  );
});

const noTensorrt = missingPlugin('tensorrt');
describe.skipIf(noTensorrt !== undefined || existsSync('/dev/nvidiactl') || existsSync('/dev/nvhost-gpu'))(
  titled('the plugin tensorrt where there is no GPU', noTensorrt),
  () => {
    it('loads, and says in the words of the loader that the driver is missing', async () => {
      const opening = loadNative().openEngine({
        plugin: pluginPath('tensorrt') ?? '',
        deviceOptions: {},
        model: engine.model('fixed'),
        engineOptions: {},
      });
      await expect(opening).rejects.toMatchObject({
        code: 'native-not-found',
        message: expect.stringContaining('libcuda.so.1'),
      });
    });
  },
);

const run = promisify(execFile);

/** A process of its own that loads a model, starts frames and then ends in some way. */
async function endOf(
  engineName: 'reference' | 'onnxruntime',
  ending: string,
  faults: Readonly<Record<string, string>> = {},
): Promise<string> {
  const tested = engineName === 'reference' ? referenceEngine : onnxruntimeEngine;
  const script = `
    const native = require(${JSON.stringify(path.join(path.dirname(pluginPath('reference') ?? ''), 'goshawk.node'))});
    process.once('exit', () => native.shutDown());
    (async () => {
      const opening = ${JSON.stringify({
        plugin: pluginPath(engineName),
        deviceOptions: { ...tested.deviceOptions, ...faults },
        model: tested.model('slow'),
        engineOptions: {},
      })};
      const engine = await native.openEngine(opening);
      const spec = ${JSON.stringify(spec({ slots: 2, timeoutMs: 0, closeTimeoutMs: 3000, warmUp: false }))};
      const detector = await native.createDetector(engine, spec);
      // mono8; the numbers are those of native/frame-call.ts.
      const start = () => native.detect(detector, new Uint8Array(4096), Float64Array.of(64, 64, 64, 2, 0.5, 0.5, 9, 9, 0)).catch(() => {});
      start(); start(); start();
      ${ending}
    })();`;
  try {
    const { stdout } = await run(process.execPath, ['-e', script]);
    return `0 ${stdout}`.trim();
  } catch (error) {
    const { code, signal } = error as { code: number | null; signal: string | null };
    return String(signal ?? code);
  }
}

describe.each(['reference', 'onnxruntime'] as const)('a process with frames under way on %s', (name) => {
  const missing = missingPlugin(name);

  it.skipIf(missing !== undefined)('ends cleanly when it exits at once', async () => {
    expect(await endOf(name, 'setTimeout(() => process.exit(3), 20);')).toBe('3');
  });

  it.skipIf(missing !== undefined)('stays alive for the results, then ends by itself', async () => {
    expect(await endOf(name, "start().then(() => console.log('last result'));")).toBe('0 last result');
  });

  it.skipIf(missing !== undefined)('ends cleanly without having closed anything', async () => {
    expect(await endOf(name, 'await start();')).toBe('0');
  });
});

describe.skipIf(why !== undefined)(titled('an engine that crashes', why), () => {
  it('is named in a note, and the process dies of the signal all the same', async () => {
    const note = path.join(temporaryFolder(), 'crashes');
    // The note must be asked for before the frames start.
    const ending = `native.noteCrashes(${JSON.stringify(note)}); start();`;
    expect(await endOf('reference', ending, { crash_at: '4' })).toBe('SIGABRT');
    expect(readFileSync(note, 'utf8')).toBe('6 reference\n');
  });

  it('is named for a fault too', async () => {
    const note = path.join(temporaryFolder(), 'crashes');
    const ending = `native.noteCrashes(${JSON.stringify(note)}); start();`;
    expect(await endOf('reference', ending, { fault_at: '4' })).toBe('SIGSEGV');
    expect(readFileSync(note, 'utf8')).toBe('11 reference\n');
  });

  it('leaves traps of WebAssembly to V8, before, while and after an engine works', async () => {
    const note = path.join(temporaryFolder(), 'crashes');
    // (func (param i32) (result i32) local.get 0 i32.load), in 64 KiB of memory.
    const ending = `
      native.noteCrashes(${JSON.stringify(note)});
      const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1,
        0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 40, 2, 0, 11));
      const { f } = new WebAssembly.Instance(module).exports;
      const trap = () => {
        try {
          return f(0x7fffffff);
        } catch (error) {
          return error.message;
        }
      };
      const told = [trap(), trap()];
      await start();
      told.push(trap());
      console.log(told.join('; '));`;
    const trapped = 'memory access out of bounds';
    expect(await endOf('reference', ending)).toBe(`0 ${trapped}; ${trapped}; ${trapped}`);
    expect(existsSync(note)).toBe(false);
    // Noting goes on after them.
    const crash = ending.replace('await start();', '').replace('console.log', 'start(); console.log');
    expect(await endOf('reference', crash, { fault_at: '4' })).toBe('SIGSEGV');
    expect(readFileSync(note, 'utf8')).toBe('11 reference\n');
  });

  it('is not blamed for a process that was killed', async () => {
    const note = path.join(temporaryFolder(), 'crashes');
    const ending = `native.noteCrashes(${JSON.stringify(note)}); process.kill(process.pid, 'SIGKILL');`;
    expect(await endOf('reference', ending)).toBe('SIGKILL');
    expect(existsSync(note)).toBe(false);
  });
});
