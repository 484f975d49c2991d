export { ArtifactFolder } from './artifact-folder.ts';
