import { Value } from '@sinclair/typebox/value';
import { describe, expect, it, vi } from 'vitest';
import { slotReport } from '../../src/agent/slots/slot-report.ts';
import type { DeviceSlot } from '../../src/agent/slots/slot-set.ts';
import { SlotOrder } from '../../src/api/index.ts';
import { expectWhole, withModel, withSlot } from '../../src/controller/desired/slot-service.ts';
import { decodePayload, encodePayload, type SlotScope } from '../../src/protocol/index.ts';
import { setSlot } from '../../src/runtime/fleet/slots.ts';
import { digest, samples } from '../unit/protocol/samples.ts';

/** One more setting of slots, as somebody adds it: a row of the table. */
vi.mock('../../src/protocol/slots.ts', async (original) => {
  const { Type } = await import('@sinclair/typebox');
  const module = await original<typeof import('../../src/protocol/slots.ts')>();
  // The table itself: what picks its rows is in the same file.
  Object.assign(module.SlotScope, { crop: Type.Optional(Type.Number({ maximum: 1 })) });
  return module;
});

const crop = { crop: 0.5 } as SlotScope;
const model = { name: 'plate', version: '1', digest };

describe('A setting of slots that was added to the table', () => {
  it('is taken by the API, and a value that does not fit is refused', () => {
    const taken = (value: number) => Value.Check(SlotOrder, { name: 'plate', crop: value });
    expect([0.5, 2].map(taken)).toEqual([true, false]);
  });

  it('is in the order that goshawk model deploy sends', async () => {
    const sent: unknown[] = [];
    const call = async (route: string, { body }: { body?: unknown } = {}) => {
      if (route === 'GET /models') return { models: [{ ...model, complete: true }] };
      sent.push(body);
      return { model, devices: [] };
    };
    const client = { call } as unknown as Parameters<typeof setSlot>[0];
    await setSlot(client, { device: 'd1' }, { slot: 'second', wanted: 'plate@latest', ...crop }, undefined);
    expect(sent).toEqual([expect.objectContaining({ name: 'plate', crop: 0.5 })]);
  });

  it('stays in the settings of a device, also when its model changes, and main refuses it', () => {
    const settings = withSlot({}, 'second', crop, model);
    expect(settings.slots?.second).toEqual({ model, crop: 0.5 });
    const next = { ...model, version: '2' };
    const changed = withModel({ id: 'd1', settings, desired: undefined }, 'second', next);
    expect(changed.slots?.second).toEqual({ model: next, crop: 0.5 });
    expect(() => expectWhole('main', crop)).toThrow(expect.objectContaining({ code: 'slot-main' }));
  });

  it('goes to the device and comes back in its report', () => {
    const slots = { second: { model, ...crop } };
    const order = decodePayload('desired', encodePayload('desired', { ...samples.desired, slots }), 't');
    expect(order.slots?.second).toEqual({ model, crop: 0.5 });
    const deployment = { state: 'idle' as const };
    const memory = { record: { desired: order.slots?.second, deployment } };
    const slot = { name: 'second', memory, deployer: { report: deployment } } as unknown as DeviceSlot;
    const report = slotReport(slot, {
      cameras: ['front'],
      identities: new Map(),
      camerasOf: () => ['front'],
    });
    expect(report).toMatchObject({ role: 'serve', cameras: ['front'], crop: 0.5 });
    const sent = { ...samples.reported, slots: { second: report } };
    expect(decodePayload('reported', encodePayload('reported', sent), 't').slots.second).toEqual(report);
  });
});
