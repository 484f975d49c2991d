import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AgentEvent,
  type EngineSupervisor,
  engineCrashEvent,
  OpenTrustGate,
} from '../../../../src/agent/index.ts';
import { silentLog } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import { agentEngines, noteCrashes } from '../../../../src/runtime/device/engines.ts';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { checkSettings } from '../../../../src/runtime/settings/read.ts';
import { missingPlugin, titled } from '../../../conformance/native-build.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { headOf } from '../../../fixtures/head.ts';
import { tinyManifest } from '../../../fixtures/tiny-bundle.ts';

const why = missingPlugin('onnxruntime');

/** A model that takes any number of frames at once. */
function bundleIn(folder: string): Bundle {
  copyFileSync(
    path.join(import.meta.dirname, '../../../fixtures/native/batch.onnx'),
    path.join(folder, 'fp32.onnx'),
  );
  const manifest = tinyManifest({
    labels: ['car', 'person'],
    input: { ...tinyManifest().input, width: 64, height: 64, fit: 'stretch' },
    output: headOf('yolov5', 2),
    variants: [{ kind: 'fp32', file: { path: 'fp32.onnx', digest: `sha256:${'a'.repeat(64)}`, size: 1 } }],
  });
  return { digest: `sha256:${'b'.repeat(64)}`, manifest, location: folder };
}

const temporary = () => mkdtempSync(path.join(tmpdir(), 'goshawk-agent-engines-'));

function settingsOf(settings: Record<string, unknown>): AgentSettings {
  const least = {
    device: 'd1',
    broker: { url: 'mqtts://broker.example:8883' },
    cameras: { front: { source: 'sim' } },
  };
  return checkSettings(AgentSettings, { ...least, ...settings }, 'agent.json');
}

describe.skipIf(why !== undefined)(titled('The engines of an agent', why), () => {
  let life: EngineSupervisor | undefined;

  afterEach(async () => {
    await life?.close();
  });

  async function capacityWith(settings: Record<string, unknown>): Promise<number> {
    const folder = temporary();
    const told: AgentEvent[] = [];
    life = agentEngines(settingsOf({ dataDir: folder, engine: 'onnxruntime', ...settings }), {
      check: { check: async () => {} },
      trust: new OpenTrustGate('unsigned'),
      clock: new FakeClock(),
      log: silentLog,
      reportEvent: (event) => told.push(event),
      crashes: [],
    }).of('main');
    const { detector } = await life.first(bundleIn(folder));
    const { capacity } = detector;
    await detector.close();
    expect(told).toEqual([
      expect.objectContaining({ kind: 'engine.chosen', message: expect.stringContaining('asked for') }),
    ]);
    return capacity;
  }

  it('run as many frames together as the settings say', async () => {
    expect(await capacityWith({ parallel: 2, maxBatch: 4, maxWaitMs: 0 })).toBe(8);
  });

  it('run frames one by one unless told otherwise', async () => {
    expect(await capacityWith({ parallel: 2 })).toBe(2);
  });

  it('pass over the one that took the agent down, and say which and why', async () => {
    const folder = temporary();
    // As the addon writes it while the process ends.
    writeFileSync(path.join(folder, 'engine-crashes'), '11 onnxruntime\n');
    const crashes = noteCrashes(folder, Date.now(), silentLog);
    expect(crashes.map(engineCrashEvent)).toEqual([
      {
        kind: 'engine.crashed',
        severity: 'error',
        message: expect.stringMatching(
          /^The engine onnxruntime crashed \(SIGSEGV\); this device runs on another/,
        ),
        data: { engine: 'onnxruntime', signal: 'SIGSEGV', times: 1 },
      },
    ]);
    const told: AgentEvent[] = [];
    life = agentEngines(settingsOf({ dataDir: folder, engine: 'auto' }), {
      check: { check: async () => {} },
      trust: new OpenTrustGate('unsigned'),
      clock: new FakeClock(),
      log: silentLog,
      reportEvent: (event) => told.push(event),
      crashes,
    }).of('main');
    const { detector, engine } = await life.first(bundleIn(folder));
    await detector.close();
    expect(engine).toBe('onnxruntime-node');
    expect(told.at(-1)?.message).toContain('onnxruntime: it crashed the last time');
  });
});
