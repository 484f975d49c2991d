import { describe, expect, it } from 'vitest';
import { parseSignedPayload, preAuthentication } from '../../../src/trust/orders/envelope.ts';
import { type AdmissionInput, admit } from '../../../src/trust/release/admission.ts';

const hex = 'a'.repeat(64);
const other = 'b'.repeat(64);
const file = (
  length: number,
  hashes: readonly (readonly [string, string])[],
  goshawk: unknown = { release: 3 },
) => ({
  ...{ length, hashes: new Map(hashes), custom: { goshawk } },
});
const good: AdmissionInput = {
  digest: `sha256:${hex}`,
  image: file(10, [['sha256', hex]]),
  director: file(10, [['sha256', hex]]),
  device: { board: 'orin', tensorrt: '10.3.0.26', agent: '1.2.0' },
  floor: 3,
};
const limited = (goshawk: unknown): Partial<AdmissionInput> => ({
  image: file(10, [['sha256', hex]], goshawk),
});

describe('A model that is ordered', () => {
  it('is admitted where owner and controller have signed the same, and it fits the device', () => {
    expect(admit(good)).toMatchObject({ kind: 'admitted', length: 10 });
    const hardware = { boards: ['orin'], tensorrt: ['10.3'] };
    expect(admit({ ...good, ...limited({ release: 3, hardware, minimumAgent: '1.2.0' }) }).kind).toBe(
      'admitted',
    );
    expect(admit({ ...good, ...limited({ release: 1, rollbackFrom: 3 }) }).kind).toBe('admitted');
  });

  const rows: readonly (readonly [string, Partial<AdmissionInput>, string])[] = [
    ['that its owner has not signed', { image: undefined }, 'not-signed'],
    ['that the controller does not direct', { director: undefined }, 'not-directed'],
    [
      'of another length than the controller says',
      { director: file(11, [['sha256', hex]]) },
      'mix-and-match',
    ],
    [
      'of another hash than the controller says',
      { director: file(10, [['sha256', other]]) },
      'mix-and-match',
    ],
    [
      'without a hash in common with the controller',
      { director: file(10, [['sha512', hex]]) },
      'mix-and-match',
    ],
    ['of another digest than is signed', { digest: `sha256:${other}` }, 'other-bytes'],
    ['with an unknown limit', limited({ release: 3, camera: 'x' }), 'release-form'],
    [
      'with an unknown limit of the hardware',
      limited({ release: 3, hardware: { camera: 'x' } }),
      'release-form',
    ],
    ['without a release', limited({}), 'release-form'],
    ['that was withdrawn', limited({ release: 3, revoked: true }), 'revoked'],
    ['for another board', limited({ release: 3, hardware: { boards: ['xavier'] } }), 'other-board'],
    ['for another TensorRT', limited({ release: 3, hardware: { tensorrt: ['10.31'] } }), 'other-tensorrt'],
    ['for a later agent', limited({ release: 3, minimumAgent: '1.2.1' }), 'agent-too-old'],
    ['of an earlier release', limited({ release: 2 }), 'release-back'],
    ['whose rollback is from an earlier release', limited({ release: 1, rollbackFrom: 2 }), 'release-back'],
  ];
  it.each(rows)('%s is refused', (_what, change, why) => {
    expect(admit({ ...good, ...change })).toMatchObject({ kind: 'refused', why });
  });
});

describe('A signed order', () => {
  it('has 16 signatures at most', () => {
    const envelope = (count: number) => {
      const signatures = Array.from({ length: count }, (_, at) => ({ keyid: String(at), sig: 'AA==' }));
      return new TextEncoder().encode(JSON.stringify({ payloadType: 'x', payload: 'AA==', signatures }));
    };
    expect(parseSignedPayload(envelope(16))?.signatures).toHaveLength(16);
    expect(() => parseSignedPayload(envelope(17))).toThrow(expect.objectContaining({ code: 'trust-form' }));
  });

  it('is signed with its type, as DSSE requires', () => {
    // The example of the protocol's own text.
    const payload = new TextEncoder().encode('hello world');
    expect(new TextDecoder().decode(preAuthentication('http://example.com/HelloWorld', payload))).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });
});
