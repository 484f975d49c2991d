import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PlanFolder } from '../../device/native/index.ts';
import { FakeEngineStore } from '../fakes/fake-engine-store.ts';
import { describeEngineStore } from './engine-store.ts';
import { FolderDisk } from './folder-disk.ts';

describeEngineStore('the fake', () => {
  const store = new FakeEngineStore(30);
  return {
    store: () => store,
    writePlan: (key, bytes) => void store.plans.set(key, bytes),
    refuses: (yes) => {
      store.full = yes ? 'the folder is read-only' : undefined;
    },
    close: () => {},
  };
});

describeEngineStore('a folder', () => {
  const disk = new FolderDisk();
  const store = () => new PlanFolder(disk.folder, { leastFreeBytes: 0, mostPlanBytes: 30 });
  return {
    store,
    writePlan: (key, bytes) => {
      const path = store().planPath(key);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    },
    refuses: (yes) => disk.refuses(yes),
    close: () => disk.close(),
  };
});
