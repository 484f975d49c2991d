import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { FleetEvent } from '../../src/api/index.ts';
import { readDriftEvent } from '../../src/protocol/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { jsonLines, projectRoot } from './goshawk.ts';

// The first start builds; the fault begins 15 s after that, and two cores may be shared with other tests.
vi.setConfig({ testTimeout: 600_000 });
const patienceMs = 450_000;

interface RunningDemo {
  events(device: string): Promise<readonly FleetEvent[]>;
  stop(): Promise<void>;
}

async function demo(scenario: string): Promise<RunningDemo> {
  const child = spawn(
    process.execPath,
    ['deploy/checkout/start.mjs', '--port', '0', '--json', '--scenario', scenario, '--duration', '590s'],
    {
      cwd: projectRoot,
      env: { ...process.env, TMPDIR: temporaryFolder() },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGINT');
    await exited;
  };
  onTestFinished(stop);
  const { dashboard, controller } = await started(child, exited);
  const token = new URL(dashboard).hash.replace('#token=', '');
  return {
    stop,
    async events(device) {
      const url = `${controller}/api/v1/devices/${device}/events?limit=100`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      // A device that has not reported yet is not known.
      if (response.status === 404) return [];
      expect(response.status).toBe(200);
      return ((await response.json()) as { readonly events: readonly FleetEvent[] }).events;
    },
  };
}

async function started(
  child: ChildProcess,
  exited: Promise<unknown>,
): Promise<{ readonly dashboard: string; readonly controller: string }> {
  let text = '';
  return new Promise((resolve, reject) => {
    void exited.then((code) => reject(new Error(`The demo ended with ${code}: ${text}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const line = jsonLines(text.slice(0, text.lastIndexOf('\n') + 1)).find(
        ({ type }) => type === 'started',
      );
      if (line !== undefined) resolve(line as never);
    });
  });
}

/** What a device tells of drift, but that it lost frames: on a machine without a processor to spare it does. */
async function driftOf({ events }: RunningDemo, device: string): Promise<FleetEvent[]> {
  const told = (await events(device)).filter(({ kind }) => kind.startsWith('drift.'));
  return told.filter((event) => readDriftEvent(event)?.verdict.detail !== 'frame-rate-lost');
}

/** The first alarm of a device, within the patience of this test; or what the one of lost frames became. */
async function alarmOf(running: RunningDemo, device: string): Promise<FleetEvent> {
  const { events } = running;
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(500)) {
    const alarm = (await driftOf(running, device)).findLast(({ kind }) => /alarm|changed/.test(kind));
    if (alarm !== undefined) return alarm;
  }
  throw new Error(`${device} told no alarm; it told ${JSON.stringify(await events(device))}`);
}

describe('npm start -- --scenario', () => {
  it('fog: the second camera’s alarm says scene change, with the signals and the picture; the first says nothing', async () => {
    const running = await demo('fog');
    const alarm = await alarmOf(running, 'gate-south');
    expect(alarm).toMatchObject({ camera: 'south', severity: 'warning', message: 'scene change: hazier' });
    const data = readDriftEvent(alarm);
    expect(data).toMatchObject({
      verdict: { kind: 'scene-change', detail: 'hazier' },
      view: { width: 64, height: 36 },
      profileDigest: expect.stringMatching(/^sha256:/),
    });
    expect(data?.signals.length).toBeGreaterThan(0);
    expect(await driftOf(running, 'gate-north')).toEqual([]);
    await running.stop();
  });

  it('frozen: the second camera’s alarm says sensor fault: frozen', async () => {
    const running = await demo('frozen');
    const alarm = await alarmOf(running, 'gate-south');
    expect(alarm).toMatchObject({ camera: 'south', severity: 'error', message: 'sensor fault: frozen' });
    expect(readDriftEvent(alarm)).toMatchObject({ verdict: { kind: 'sensor-fault', detail: 'frozen' } });
    await running.stop();
  });
});
