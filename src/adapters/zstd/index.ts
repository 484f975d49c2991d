// Around: fzstd, which unpacks; the program zstd of the system packs, where it is there

export { type Packer, packer } from './pack.ts';
export { type UnpackJob, unpackFile } from './unpack.ts';
