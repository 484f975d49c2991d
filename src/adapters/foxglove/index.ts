// Around: @foxglove/ws-protocol

export { FoxgloveServerHub } from './hub.ts';
