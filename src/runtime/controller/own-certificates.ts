import { X509Certificate } from 'node:crypto';
import { pem } from '../settings/connect.ts';
import type { ControllerSettings } from '../settings/controller.ts';

/** The controller's own certificates, by what they are for, and when the first of each file expires. */
export async function expiryOf({
  http,
  broker,
}: Pick<ControllerSettings, 'http' | 'broker'>): Promise<ReadonlyMap<string, number>> {
  const expiries = new Map<string, number>();
  for (const [name, file] of [
    ['http', http.certFile],
    ['broker', broker.certFile],
  ] as const)
    if (file !== undefined) {
      const expiryMs = validToMs(await pem(file));
      if (expiryMs !== undefined) expiries.set(name, expiryMs);
    }
  return expiries;
}

/** Undefined for what is no certificate: TLS itself says what is wrong with it. */
function validToMs(file: Uint8Array): number | undefined {
  try {
    return Date.parse(new X509Certificate(file).validTo);
  } catch {
    return undefined;
  }
}
