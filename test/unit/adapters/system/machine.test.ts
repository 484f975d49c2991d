import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemMachine } from '../../../../src/adapters/system/index.ts';

describe('The machine', () => {
  let root: string;
  let machine: SystemMachine;
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'goshawk-board-'));
    machine = new SystemMachine(root);
  });
  afterEach(() => {
    machine.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('knows the disk that it writes to a moment after it was asked, and nothing of one that is not there', async () => {
    await expect.poll(() => machine.readDisk()).toBeDefined();
    const { freeBytes, sizeBytes } = machine.readDisk()!;
    expect(freeBytes).toBeGreaterThan(0);
    expect(sizeBytes).toBeGreaterThan(freeBytes);
    const without = new SystemMachine(root, join(root, 'not-there'));
    without.readDisk();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(without.readDisk()).toBeUndefined();
    without.close();
  });

  it('without sensors and names says what it can', async () => {
    expect(await machine.readBoard()).toEqual({ temperatures: [], power: [] });
    const board = await machine.board();
    expect(board.cores).toBeGreaterThan(0);
    expect(board.name).not.toBe('');
    expect(board).not.toHaveProperty('powerMode');
  });

  it('names a Jetson, its system and its power mode', async () => {
    put('proc/device-tree/model', 'NVIDIA Jetson Orin Nano Developer Kit\0');
    put('etc/os-release', 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 22.04.4 LTS"\n');
    put('var/lib/nvpmodel/status', 'pmode:0001\n');
    put('etc/nvpmodel.conf', '< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=1 NAME=25W >\n');
    expect(await machine.board()).toMatchObject({
      name: 'NVIDIA Jetson Orin Nano Developer Kit',
      os: 'Ubuntu 22.04.4 LTS',
      powerMode: '25W',
    });
  });

  it('reads thermal zones and the rails of an INA3221, and leaves out what cannot be read', async () => {
    put('sys/class/thermal/thermal_zone0/type', 'cpu-thermal\n');
    put('sys/class/thermal/thermal_zone0/temp', '51250\n');
    put('sys/class/thermal/thermal_zone1/type', 'cv0-thermal\n');
    put('sys/class/thermal/thermal_zone1/temp', '-256000\n');
    put('sys/class/thermal/thermal_zone2/type', 'gpu-thermal\n');
    put('sys/class/thermal/cooling_device0/type', 'fan\n');
    const chip = 'sys/class/hwmon/hwmon1';
    put(`${chip}/name`, 'ina3221\n');
    put(`${chip}/in1_label`, 'VDD_IN\n');
    put(`${chip}/in1_input`, '5000\n');
    put(`${chip}/curr1_input`, '1500\n');
    put(`${chip}/in2_label`, 'VDD_CPU_GPU_CV\n');
    put(`${chip}/in2_input`, 'broken\n');
    put(`${chip}/curr2_input`, '500\n');
    put(`${chip}/in7_label`, 'sum of shunt voltages\n');
    put(`${chip}/in7_input`, '100\n');
    put(`${chip}/in4_input`, '12000\n');
    put(`${chip}/curr4_input`, '2000\n');
    put('sys/class/hwmon/hwmon2/name', 'ina219\n');
    put('sys/class/hwmon/hwmon2/power1_input', '2500000\n');
    expect(await machine.readBoard()).toEqual({
      temperatures: [{ zone: 'cpu-thermal', celsius: 51.25 }],
      power: [
        { rail: 'VDD_IN', watts: 7.5 },
        { rail: 'ina219 1', watts: 2.5 },
      ],
    });
  });

  it('reads its own process', async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const { memory, cpu, eventLoopDelay } = machine.readProcess();
    expect(memory).toBeGreaterThan(1e7);
    expect(cpu).toBeGreaterThanOrEqual(0);
    expect(eventLoopDelay).toBeGreaterThanOrEqual(0);
  });
});
