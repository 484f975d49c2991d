// Around: no package: node:tls and node:http speak EST (RFC 7030)

export { EstAuthority, type EstAuthorityOptions } from './est-authority.ts';
export { EstServer, type EstServerOptions } from './est-server.ts';
export { verifyChain } from './verify-chain.ts';
