import { join } from 'node:path';
import { AgentStateFile } from '../../src/adapters/system/index.ts';
import { LimitError } from '../../src/base/index.ts';
import { FakeMemoryStore } from '../fakes/fake-device.ts';
import { describeAgentStateStorage } from './agent-state-storage.ts';
import { FolderDisk } from './folder-disk.ts';

describeAgentStateStorage('the fake', () => {
  const storage = new FakeMemoryStore();
  return {
    storage: () => storage,
    refuses: (yes) => {
      storage.fail = yes ? new LimitError('memory-disk', 'The disk is full.', 'Make room.') : undefined;
    },
    close: () => {},
  };
});

describeAgentStateStorage('a file', () => {
  const disk = new FolderDisk();
  return {
    storage: () => new AgentStateFile(join(disk.folder, 'memory.json')),
    refuses: (yes) => disk.refuses(yes),
    close: () => disk.close(),
  };
});
