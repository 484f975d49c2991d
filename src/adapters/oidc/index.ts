// Around: openid-client

export { OidcIdentityProvider, type OidcOptions } from './identity-provider.ts';
