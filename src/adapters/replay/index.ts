// Around: no package: pictures are read by node:fs

export { FolderFrameSource, listPictures, type PictureDecoder } from './folder.ts';
