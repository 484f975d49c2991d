import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactSecrets, redactValue } from '../../../src/base/redact-secrets.ts';

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';
const token = `gsk_0123456789ab_${'5f'.repeat(32)}`;

describe('A text that leaves a machine', () => {
  it.each([
    ['a token of the fleet', `it uses ${token} here`, token.slice(4)],
    ['a bearer', 'Authorization: Bearer s3cr3t-w0rd', 's3cr3t-w0rd'],
    ['a basic login in JSON', '{"authorization":"Basic dXNlcjpwdw=="}', 'dXNlcjpwdw'],
    ['a password after a sign', 'password=Blue-Heron&x=1', 'Blue-Heron'],
    ['a password in JSON', '{"password":"Blue-Heron"}', 'Blue-Heron'],
    ['a password in a name', 'MQTT_PASSWORD=Blue-Heron', 'Blue-Heron'],
    ['a login in an address', 'rtsp://admin:p@ss/w0rd@10.0.0.2/s failed', 'p@ss'],
    ['a token of JSON', `token ${jwt}`, 'eyJhbGci'],
    ['a key in PEM', '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----', 'MIIEvQ'],
    ['a key in base64', 'key AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEf', 'AbCdEfGh'],
    ['a key in hexadecimal', `key ${'a1'.repeat(32)}`, 'a1a1'],
    ['a claim', 'goshawk-claim:abc.def', 'abc.def'],
  ])('has not %s', (_, text, secret) => {
    expect(redactSecrets(text)).not.toContain(secret);
  });

  it.each([
    'Camera front is connected: rtsp://10.0.0.2/stream',
    `Loads sha256:${'ab'.repeat(32)} from /var/lib/goshawk-agent/models/Street-2/variants/fp32.onnx`,
    'The token of the controller is not valid.',
    'Give the password in passwordFile.',
  ])('keeps: %s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  it('is redacted in a time that grows with it, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000 }), (text) => {
        redactSecrets(text);
      }),
    );
    const beganMs = performance.now();
    redactSecrets(
      `${'password '.repeat(20_000)}${'a://'.repeat(20_000)}${'-----BEGIN A-----'.repeat(2_000)}`,
    );
    expect(performance.now() - beganMs).toBeLessThan(5_000);
  });
});

describe('A value that leaves a machine', () => {
  it('has none of the fields that hold secrets, and the names of the files that do', () => {
    const value = {
      broker: { password: 'a', passwordFile: '/etc/pw', url: 'mqtts://u:b@host:8883' },
      list: [{ apiKey: 'c', tokens: 3, token: 'd' }],
      access_token: 'e',
      pin: 1234,
    };
    expect(redactValue(value, redactSecrets)).toEqual({
      broker: { password: '(secret)', passwordFile: '/etc/pw', url: 'mqtts://host:8883' },
      list: [{ apiKey: '(secret)', tokens: 3, token: '(secret)' }],
      access_token: '(secret)',
      pin: '(secret)',
    });
  });
});
