// Around: no package: Node's https gives blobs to other devices

export { PeerServer, type PeerServerOptions, type ServedFile } from './peer-server.ts';
