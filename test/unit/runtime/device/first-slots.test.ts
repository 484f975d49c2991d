import { expect, it } from 'vitest';
import type { AgentStateStorage } from '../../../../src/agent/index.ts';
import { MissingError } from '../../../../src/base/index.ts';
import type { Bundle } from '../../../../src/model/index.ts';
import { firstSlots } from '../../../../src/runtime/device/first-slots.ts';
import { FakeDetector } from '../../../fakes/fake-pipeline.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const bundleOf = (name: string) => ({ digest: `sha256:${name}` }) as Bundle;
const nothing: AgentStateStorage = { load: async () => undefined, save: async () => {} };

it('brings up the models that the settings name, and goes on past one that cannot be', async () => {
  const log = new RecordingLog();
  const opened: string[] = [];
  const first = await firstSlots({
    models: { find: async () => undefined, importFolder: async (folder) => bundleOf(folder) },
    folders: { main: 'never', plate: 'plates', big: 'too-big', face: 'faces' },
    memory: nothing,
    open: async (slot, { digest }) => {
      if (digest.includes('too-big'))
        throw new MissingError('memory', 'There is no room for it.', 'Free some.');
      opened.push(slot);
      return {
        detector: new FakeDetector(digest),
        engine: 'onnxruntime',
        reason: '',
        planPending: false,
        short: false,
        refused: new Map(),
      };
    },
    log,
  });
  expect([...first.keys()]).toEqual(['plate', 'face']);
  expect(opened).toEqual(['plate', 'face']);
  expect(JSON.stringify(log.lines)).toContain('There is no room for it.');
});
