import { CancelledError, InputError } from '../../src/base/index.ts';
import { FakeModels, modelOf } from '../fakes/fake-device.ts';
import { deviceModels } from '../fixtures/device-models.ts';
import { FakeRegistry } from '../fixtures/fake-registry.ts';
import { FolderDisk } from './folder-disk.ts';
import { describeModelStore } from './model-store.ts';

describeModelStore('the fake', async () => {
  const models = new FakeModels();
  let falsified = false;
  models.onDownload = async (_model, progress, signal) => {
    for (const done of [0, 0.5, 1]) {
      if (signal.aborted) throw new CancelledError('The download');
      progress(done);
    }
  };
  models.onVerify = async () => {
    if (falsified) throw new InputError('registry-digest', 'It is another one.', 'Push the right one.');
  };
  return {
    store: () => models,
    models: [modelOf('a'), modelOf('b')],
    falsify: (yes) => {
      falsified = yes;
    },
    close: async () => {},
  };
});

describeModelStore('a folder and a registry', async () => {
  const disk = new FolderDisk();
  const registry = await new FakeRegistry().start();
  return {
    store: () => deviceModels(disk.folder, {}, { registry: () => registry.url }),
    models: [
      registry.add('1.0.0', Buffer.alloc(1_000_000, '1')),
      registry.add('2.0.0', Buffer.alloc(10, '2')),
    ],
    falsify: (yes) => {
      registry.falsified = yes;
    },
    close: async () => {
      await registry.close();
      disk.close();
    },
  };
});
