import { join } from 'node:path';
import { FilesystemProfileStore, writeProfile } from '../../src/adapters/filesystem/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FakeProfileStore } from '../fakes/fake-drift.ts';
import { FolderDisk } from './folder-disk.ts';
import { describeProfileStore } from './profile-store.ts';

describeProfileStore('the fake', () => {
  const store = new FakeProfileStore();
  return {
    store: () => store,
    ship: (profile) => {
      store.shipped = profile;
    },
    refuses: (yes) => {
      store.full = yes;
    },
    close: () => {},
  };
});

describeProfileStore('a folder', () => {
  const disk = new FolderDisk();
  const bundle = new FolderDisk();
  const shipped = join(bundle.folder, 'front.json');
  return {
    store: () => new FilesystemProfileStore(disk.folder, async () => ({ paths: [shipped] }), silentLog),
    ship: async (profile) => void (await writeProfile(shipped, profile)),
    refuses: (yes) => disk.refuses(yes),
    close: () => {
      disk.close();
      bundle.close();
    },
  };
});
