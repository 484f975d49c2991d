import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ThreadLearner } from '../../src/adapters/learning/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { FakeLearner, type KeptLearning } from '../fakes/fake-drift.ts';
import { FolderDisk } from './folder-disk.ts';
import { describeLearner } from './learner.ts';

describeLearner('the fake', () => {
  const kept: KeptLearning = new Map();
  return {
    learner: (options) => new FakeLearner(options, kept),
    holds: () => kept.size > 0,
    close: () => {},
  };
});

describeLearner('a thread', () => {
  const disk = new FolderDisk();
  const path = (camera: string) => join(disk.folder, `${camera}.learning`);
  return {
    learner: (options) => new ThreadLearner(options, { path: path(options.camera), log: silentLog }),
    holds: () => existsSync(path('toy')),
    close: () => disk.close(),
  };
});
