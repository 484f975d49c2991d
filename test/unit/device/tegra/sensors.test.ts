import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TegraSensors } from '../../../../device/tegra/index.ts';
import { SystemMachine } from '../../../../src/adapters/system/index.ts';
import { type BoardName, layOutBoard } from '../../../fixtures/boards/board.ts';

describe('The sensors of a Jetson', () => {
  const roots: string[] = [];
  const lay = (name: BoardName) => {
    const root = layOutBoard(name);
    roots.push(root);
    return root;
  };
  afterEach(() => {
    for (const root of roots.splice(0)) rmSync(root, { recursive: true });
  });

  it('of an Orin are read: GPU, memory, clocks that jetson_clocks pinned, over-current, power mode', async () => {
    expect(await new TegraSensors(lay('orin-jetpack-6')).read()).toEqual({
      gpuLoad: 0.734,
      gpuHz: 1_020_000_000,
      cpuHz: 1_984_000_000,
      memoryHz: 3_199_000_000,
      memoryLoad: 0.25,
      overcurrent: [
        { kind: 'under-voltage', count: 0 },
        { kind: 'average', count: 0 },
        { kind: 'instantaneous', count: 27_390 },
      ],
      powerMode: 'MAXN_SUPER',
      clocksPinned: true,
    });
  });

  it('of a Thor are read, which shows no load of its GPU and has clocks that may move', async () => {
    expect(await new TegraSensors(lay('thor-jetpack-7')).read()).toEqual({
      gpuHz: 1_395_000_000,
      cpuHz: 2_601_000_000,
      memoryHz: 4_266_000_000,
      overcurrent: [
        { kind: 'under-voltage', count: 0 },
        { kind: 'average', count: 8 },
        { kind: 'instantaneous', count: 813 },
      ],
      powerMode: '120W',
      clocksPinned: false,
    });
  });

  it('follow a power mode that changes, and leave out what cannot be read any more', async () => {
    const root = lay('orin-jetpack-6');
    const sensors = new TegraSensors(root);
    await sensors.read();
    writeFileSync(join(root, 'var/lib/nvpmodel/status'), 'pmode:0000\n');
    rmSync(join(root, 'sys/class/devfreq/17000000.gpu/device/load'));
    writeFileSync(join(root, 'sys/class/hwmon/hwmon3/oc2_event_cnt'), 'broken\n');
    const readings = await sensors.read();
    expect(readings).toMatchObject({ powerMode: '15W' });
    expect(readings).not.toHaveProperty('gpuLoad');
    expect(readings.overcurrent.map(({ kind }) => kind)).toEqual(['under-voltage', 'instantaneous']);
  });

  it('of a machine that is no Jetson are none', async () => {
    expect(await new TegraSensors(join(tmpdir(), 'not-there')).read()).toEqual({ overcurrent: [] });
  });

  it.each([
    {
      board: 'orin-jetpack-6' as const,
      zones: ['cpu-thermal', 'gpu-thermal', 'tj-thermal'],
      rails: ['VDD_IN', 'VDD_CPU_GPU_CV', 'VDD_SOC'],
      slowedBy: [],
    },
    {
      board: 'thor-jetpack-7' as const,
      zones: ['cpu-thermal', 'soc012-thermal', 'soc345-thermal', 'tj-thermal'],
      rails: ['VIN', 'VDD_GPU', 'VDD_CPU_SOC_MSS', 'VIN_SYS_5V0'],
      slowedBy: ['gpu-throttle-alert'],
    },
  ])('are beside those that every machine has: $board', async ({ board, zones, rails, slowedBy }) => {
    const machine = new SystemMachine(lay(board));
    const readings = await machine.readBoard();
    machine.close();
    expect(readings.temperatures.map(({ zone }) => zone)).toEqual(zones);
    expect(readings.power.map(({ rail }) => rail)).toEqual(rails);
    expect(readings.slowedBy).toEqual(slowedBy);
    expect(readings.power.find(({ rail }) => rail === 'VIN')?.watts ?? 53.16).toBe(53.16);
  });
});
