// Around: no package: bundles are plain files on the disk of the controller

export { ArtifactFolder } from './artifact-folder.ts';
