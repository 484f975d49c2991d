import { expect, it } from 'vitest';
import { InputError } from '../../../../src/base/index.ts';
import { SettingsReloader } from '../../../../src/runtime/settings/reloader.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

interface Two {
  readonly live: number;
  readonly fixed: number;
}

function reloader(read: () => Promise<Two>, apply: (settings: Two) => void = () => {}) {
  const log = new RecordingLog();
  return {
    log,
    reloader: new SettingsReloader<Two>({ live: 1, fixed: 1 }, { read, apply, live: ['live'], log }),
  };
}

it('A setting that needs a restart is reported at every reload, an applied one once', async () => {
  const applied: Two[] = [];
  const { log, reloader: one } = reloader(
    async () => ({ live: 2, fixed: 2 }),
    (settings) => applied.push(settings),
  );
  await one.reload();
  await one.reload();
  expect(applied).toEqual([{ live: 2, fixed: 1 }]);
  expect(log.at('warn')).toHaveLength(2);
});

it('a reload that is asked for while one is at work follows it once', async () => {
  let reads = 0;
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const { reloader: one } = reloader(async () => {
    reads += 1;
    await held;
    return { live: 1, fixed: 1 };
  });
  void one.reload();
  await Promise.resolve();
  void one.reload();
  const last = one.reload();
  go();
  await last;
  expect(reads).toBe(2);
});

it('what could not be read or applied is logged with code and remedy, and the next file is compared with what was before', async () => {
  const applied: number[] = [];
  let failure: Error | undefined = new InputError('settings-invalid', 'a\nb', 'Mend.');
  const { log, reloader: one } = reloader(
    async () => {
      if (failure !== undefined) throw failure;
      return { live: 2, fixed: 1 };
    },
    ({ live }) => applied.push(live),
  );
  await one.reload();
  expect(applied).toEqual([]);
  expect(log.at('error')).toEqual([
    [expect.any(String), { code: 'settings-invalid', reason: 'a\nb', remedy: 'Mend.' }],
  ]);
  failure = undefined;
  await one.reload();
  expect(applied).toEqual([2]);
});
