// Around: nothing outside Node, because bundles are plain files on the disk of the controller

export { ArtifactFolder } from './artifact-folder.ts';
