import { describe, expect, it } from 'vitest';
import { mainSlot, Pipeline, type PipelineEvent } from '../../../../src/perception/index.ts';
import { SlotTable } from '../../../../src/perception/pipeline/slot-table.ts';
import { FakeClock, settle } from '../../../fakes/fake-clock.ts';
import { FakeDetector, FakeSink } from '../fakes.ts';

const table = (...names: string[]) =>
  new SlotTable(new Map(names.map((name) => [name, new FakeDetector(name)])));

describe('the slots of a pipeline', () => {
  it.each<[string, () => unknown, string]>([
    ['no main one', () => table('plate'), 'slot-main'],
    ['the main one removed', () => table('main').remove('main'), 'slot-main'],
    ['a name in capitals', () => table('main', 'Plate'), 'slot-name'],
    ['a name that is too long', () => table('main', `p${'l'.repeat(32)}`), 'slot-name'],
    ['two with one name', () => table('main').add('main', new FakeDetector()), 'slot-twice'],
    ['one that is not there, swapped', () => table('main').swap('plate', new FakeDetector()), 'slot-unknown'],
    ['one that is not there, removed', () => table('main').remove('plate'), 'slot-unknown'],
  ])('refuse %s, and say what to do', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ code, remedy: expect.stringMatching(/.{10}/) }));
  });

  it('are added, swapped and removed while the pipeline runs', async () => {
    const events: PipelineEvent[] = [];
    const main = new FakeDetector('a');
    const plate = new FakeDetector('b');
    const better = new FakeDetector('c');
    const pipeline = new Pipeline({
      slots: new Map([[mainSlot, main]]),
      sinks: [new FakeSink()],
      clock: new FakeClock(),
      onEvent: (event) => events.push(event),
    });
    pipeline.addSlot('plate', plate);
    expect([...pipeline.identities()]).toEqual([
      ['main', main.identity],
      ['plate', plate.identity],
    ]);
    await pipeline.swap(better, 'plate');
    await pipeline.removeSlot('plate');
    await settle();
    expect([...pipeline.identities().keys()]).toEqual(['main']);
    expect(pipeline.identity).toEqual(main.identity);
    expect(events.map((event) => [event.kind, 'slot' in event && event.slot])).toEqual([
      ['slot-added', 'plate'],
      ['swapped', 'plate'],
      ['slot-removed', 'plate'],
    ]);
  });
});
