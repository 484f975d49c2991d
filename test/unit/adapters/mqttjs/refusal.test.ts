import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../../src/adapters/mqttjs/refusal.ts';

const withCode = (code: unknown) => Object.assign(new Error('x'), { code });

describe('A failed connection', () => {
  it.each([0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c])(
    'with CONNACK reason %d is a refusal with a remedy',
    (code) => {
      expect(refusalOf(withCode(code))?.remedy).toMatch(/[A-Z]/);
    },
  );

  it.each([
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('by %s names the certificate of the broker', (code) => {
    expect(refusalOf(withCode(code))?.reason).toContain("broker's certificate");
  });

  it.each(['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'])(
    'by %s names our own certificate',
    (code) => {
      expect(refusalOf(withCode(code))?.reason).toContain('certificate of this client');
    },
  );

  it.each([0x88, 0x89, 0x8b, 0x8e, 0x97, 'ECONNREFUSED', 'ENOTFOUND', undefined])(
    'by %s is worth a retry',
    (code) => {
      expect(refusalOf(withCode(code))).toBeUndefined();
    },
  );
});
