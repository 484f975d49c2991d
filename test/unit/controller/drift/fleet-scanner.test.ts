import { beforeEach, describe, expect, it } from 'vitest';
import { FleetScanner } from '../../../../src/controller/drift/fleet-scanner.ts';
import type { Device } from '../../../../src/controller/fleet/device.ts';
import type { DeviceRegistry } from '../../../../src/controller/fleet/device-registry.ts';
import type { DriftStatus, Reported } from '../../../../src/protocol/index.ts';
import { driftStatus } from '../../../fakes/drift-events.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';

let clock: FakeClock;
let devices: Map<string, Device>;
let asked: number;
let scanner: FleetScanner;

function device(id: string, drift: Record<string, DriftStatus>, online = true): Device {
  const reported: Partial<Reported> = { drift, slots: {}, pipelines: {} };
  return { id, online, reported } as unknown as Device;
}

beforeEach(() => {
  clock = new FakeClock();
  devices = new Map();
  asked = 0;
  const registry = {
    devices: () => devices.values(),
    groupNames: () => {
      asked++;
      return ['west'];
    },
  } as unknown as DeviceRegistry;
  scanner = new FleetScanner({ registry, clock, hasIncident: (id) => id === 'away-in-trouble' });
});
const fill = (count: number) => {
  for (let i = 0; i < count; i++) devices.set(`d${i}`, device(`d${i}`, { front: driftStatus() }));
};

describe('The scan of the fleet', () => {
  it('is whole at once for a small fleet, and counts who can raise an alarm', () => {
    devices.set('a', device('a', { front: driftStatus(), rear: driftStatus({ state: 'sensor-only' }) }));
    devices.set('b', device('b', { front: driftStatus({ state: 'off' }) }));
    devices.set('away', device('away', { front: driftStatus() }, false));
    devices.set('away-in-trouble', device('away-in-trouble', { front: driftStatus() }, false));
    const fleet = scanner.monitoredFleet();
    expect(fleet).toMatchObject({ size: 3, judged: 2, falseAlarmsPerDay: 1 / 30 });
    expect(fleet?.members('sensor').ofDevice('a')).toHaveLength(2);
    expect(fleet?.members('scene').size).toBe(2);
  });

  it('takes a large fleet in steps, and says nothing before it is whole', async () => {
    fill(1200);
    expect(scanner.monitoredFleet()).toBeUndefined();
    expect(asked).toBe(500);
    await clock.pass(1);
    expect(asked).toBe(1000);
    expect(scanner.monitoredFleet()).toBeUndefined();
    await clock.pass(1);
    expect(scanner.monitoredFleet()?.size).toBe(1200);
  });

  it('keeps the last whole list while the next is made, every five seconds', async () => {
    fill(1200);
    scanner.monitoredFleet();
    await clock.pass(10);
    fill(1300);
    expect(scanner.monitoredFleet()?.size).toBe(1200);
    await clock.pass(5000);
    expect(scanner.monitoredFleet()?.size).toBe(1200);
    await clock.pass(10);
    expect(scanner.monitoredFleet()?.size).toBe(1300);
  });

  it('that is closed makes no more steps', async () => {
    fill(1200);
    scanner.monitoredFleet();
    scanner.close();
    await clock.pass(100);
    expect(asked).toBe(500);
    expect(clock.pending).toBe(0);
  });
});
