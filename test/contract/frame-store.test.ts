import { FilesystemFrameStore } from '../../src/adapters/filesystem/index.ts';
import { FakeFrameStore } from '../fakes/fake-drift.ts';
import { FolderDisk } from './folder-disk.ts';
import { describeFrameStore } from './frame-store.ts';

describeFrameStore('the fake', () => {
  const store = new FakeFrameStore();
  return {
    store: () => store,
    refuses: (yes) => {
      store.full = yes;
    },
    close: () => {},
  };
});

describeFrameStore('a folder', () => {
  const disk = new FolderDisk();
  return {
    store: () => new FilesystemFrameStore(disk.folder),
    refuses: (yes) => disk.refuses(yes),
    close: () => disk.close(),
  };
});
