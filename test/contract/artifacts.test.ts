import { ArtifactFolder } from '../../src/adapters/artifacts/index.ts';
import { FakeArtifacts } from '../fakes/fake-artifacts.ts';
import { describeArtifacts } from './artifacts.ts';
import { FolderDisk } from './folder-disk.ts';

describeArtifacts('the fake', () => {
  const artifacts = new FakeArtifacts();
  return { artifacts: () => artifacts, close: () => {} };
});

describeArtifacts('a folder', () => {
  const disk = new FolderDisk();
  return { artifacts: () => new ArtifactFolder(disk.folder), close: () => disk.close() };
});
