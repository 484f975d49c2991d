// Around: fzstd, which unpacks where Node does not; the program zstd of the system packs, where it is there

export { type Packer, packer } from './pack.ts';
export { unpackFile } from './unpack.ts';
export type { UnpackJob } from './unpack-job.ts';
