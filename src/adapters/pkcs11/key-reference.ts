const label = 'PKCS#11 PROVIDER URI';
const version = 'PKCS#11 Provider URI v1.0';

/**
 * What stands in a key file where the key itself is in a token: a PEM block that OpenSSL's provider reads, with the key's
 * address (RFC 7512). Whatever takes a key as PEM, TLS of Node too, takes this.
 */
export function keyReference({ token, object }: { readonly token: string; readonly object: string }): string {
  const uri = `pkcs11:token=${escaped(token)};object=${escaped(object)};type=private`;
  const der = tagged(
    0x30,
    Buffer.concat([tagged(0x1a, Buffer.from(version)), tagged(0x0c, Buffer.from(uri))]),
  );
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export function isKeyReference(pem: string): boolean {
  return pem.includes(`-----BEGIN ${label}-----`);
}

/** All but the unreserved letters as %XX. */
function escaped(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(letter) ? letter : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
    })
    .join('');
}

/** One value of DER, shorter than 64 kB. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
