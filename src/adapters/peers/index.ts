// Around: no package: Node's https gives blobs to other devices

export { type PeerIdentity, PeerServer, type PeerServerOptions, type ServedFile } from './peer-server.ts';
export { type EngineToGive, pushEngine } from './push-engine.ts';
export { signOffer } from './sign-offer.ts';
