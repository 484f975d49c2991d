import { FilesystemClipStore } from '../../src/adapters/filesystem/index.ts';
import { describeClipStore } from './clip-store.ts';
import { FolderDisk } from './folder-disk.ts';

describeClipStore('a folder', () => {
  const disk = new FolderDisk();
  return {
    store: () => new FilesystemClipStore(disk.folder),
    refuses: (yes) => disk.refuses(yes),
    close: () => disk.close(),
  };
});
