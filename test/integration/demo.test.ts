import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { DemoReport } from '../../src/runtime/demo/demo.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { tinyOnnx } from '../fixtures/tiny-onnx.ts';
import { bundleIn } from './fleet/models.ts';
import { eventually, Program } from './fleet/program.ts';
import { ended, jsonLines, projectRoot, type Ran } from './goshawk.ts';

// The first start builds; then two devices, broker and controller share the machine with other tests.
vi.setConfig({ testTimeout: 600_000 });

/** `npm start -- ...`, with a folder for temporary files that a test can look into. */
function npmStart(temporary: string, ...args: readonly string[]): Promise<Ran> {
  mkdirSync(temporary, { recursive: true });
  return ended(
    spawn(process.execPath, ['deploy/checkout/start.mjs', '--port', '0', '--json', ...args], {
      cwd: projectRoot,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Of a process, which may end while we look. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const lastLine = ({ stdout }: Ran) => jsonLines(stdout).at(-1);
const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);

describe('npm start', () => {
  it('runs two devices that perceive and report, ends after its time with one line of JSON, and leaves no files', async () => {
    const temporary = join(temporaryFolder(), 'tmp');
    const ran = await npmStart(temporary, '--duration', '20s');
    expect(ran).toMatchObject({ code: 0 });
    const started = jsonLines(ran.stdout)[0];
    expect(started).toMatchObject({ type: 'started', dashboard: expect.stringMatching(/^http:.*#token=/) });
    const report = lastLine(ran) as unknown as DemoReport;
    expect(report).toMatchObject({ type: 'summary', ok: true });
    expect(report.controller).toEqual({
      messagesReceived: expect.any(Number),
      sequenceGaps: 0,
      malformed: 0,
      devicesOnline: 2,
    });
    expect(report.controller.messagesReceived).toBeGreaterThan(4);
    expect(report.devices.map(({ device }) => device)).toEqual(['gate-north', 'gate-south']);
    for (const device of report.devices) {
      expect(device).toMatchObject({ engine: expect.any(String), model: 'street', digest, ok: true });
      expect(device.framesKnownToController).toBeGreaterThan(0);
      for (const camera of device.cameras) {
        const { received, processed, superseded, dropped, detections, framesPerSecond } = camera;
        expect(processed).toBeGreaterThan(0);
        expect(detections).toBeGreaterThan(0);
        expect(framesPerSecond).toBeGreaterThan(0);
        expect(camera.latencyP50Ms).toBeGreaterThan(0);
        expect(camera.latencyP99Ms).toBeGreaterThanOrEqual(camera.latencyP50Ms);
        const gone = Object.values(dropped).reduce((sum, count) => sum + count, 0);
        expect(processed + superseded + gone).toBe(received);
      }
    }
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('speaks in sentences: no warning of npm first, and no line of JSON', async () => {
    const temporary = join(temporaryFolder(), 'tmp');
    mkdirSync(temporary);
    const ran = await ended(
      spawn('npm', ['start', '--', '--port', '0', '--duration', '20s'], {
        cwd: projectRoot,
        env: { ...process.env, TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    expect(ran).toMatchObject({ code: 0 });
    const lines = `${ran.stdout}\n${ran.stderr}`.split('\n').filter((line) => line.trim() !== '');
    expect(lines.filter((line) => /^npm (warn|notice|error)/i.test(line))).toEqual([]);
    expect(lines.filter((line) => /^\s*[{[]/.test(line))).toEqual([]);
    expect(ran.stdout).toMatch(/^Dashboard: http:/m);
    expect(ran.stderr).toContain('throw-away keys');
  });

  it('leaves no device behind when it is killed', async () => {
    const folder = join(temporaryFolder(), 'data');
    const demo = Program.goshawk('demo', '--port', '0', '--data', folder);
    await demo.line('started', 120_000);
    const devices = () =>
      readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(`${folder}/gate-`));
    expect(devices()).toHaveLength(2);
    await demo.end('SIGKILL');
    await eventually('its devices end', () => devices().length === 0);
  });

  it('fails where the devices run but find nothing', async () => {
    const base = temporaryFolder();
    const blind = await bundleIn(base, '1.0.0', tinyOnnx({ output: { values: new Float32Array(21 * 6) } }));
    const ran = await npmStart(join(base, 'tmp'), '--duration', '6s', '--model', blind.location);
    expect(ran.code).toBe(1);
    const report = lastLine(ran) as unknown as DemoReport;
    expect(report).toMatchObject({ type: 'summary', ok: false });
    for (const { cameras, ok } of report.devices) {
      expect(ok).toBe(false);
      expect(cameras[0]?.detections).toBe(0);
    }
  });

  it('fails with the words of the device where its model is broken, and leaves nothing', async () => {
    const base = temporaryFolder();
    const broken = await bundleIn(base, '1.0.0', tinyOnnx().subarray(0, 200));
    const ran = await npmStart(join(base, 'tmp'), '--duration', '6s', '--model', broken.location);
    expect(ran.code).toBeGreaterThan(0);
    expect(lastLine(ran)).toMatchObject({ ok: false, devices: [{ model: 'none' }, { model: 'none' }] });
    const { problems } = lastLine(ran) as unknown as DemoReport;
    expect(problems).toEqual([
      expect.stringMatching(/^gate-north: .*tiny 1\.0\.0 .*damaged/),
      expect.stringMatching(/^gate-south: .*tiny 1\.0\.0 .*damaged/),
    ]);
    expect(ran.stderr).toMatch(/tiny 1\.0\.0 .*damaged/);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(join(base, 'tmp'))).toEqual([]);
  });
});
