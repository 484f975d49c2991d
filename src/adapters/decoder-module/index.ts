// Around: no package: Node's worker threads, which load a module that a user brings

export { DecoderModule, type DecoderModuleOptions, maxModuleBytes } from './decoder-module.ts';
