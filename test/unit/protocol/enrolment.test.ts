import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import { formatClaim, parseClaim } from '../../../src/protocol/index.ts';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((all) => all.join(''));
const base64Url = fc
  .array(fc.constantFrom(...'ABCxyz019-_'), { minLength: 43, maxLength: 43 })
  .map((all) => all.join(''));
const host = fc.constantFrom('fleet.example:8443', '192.0.2.7', '[2001:db8::7]:8443', 'a-b.c');

describe('A claim', () => {
  it('reads as it was written, also with a line end', () => {
    fc.assert(
      fc.property(host, hex(12), base64Url, base64Url, (at, id, secret, root) => {
        const claim = { host: at, id, secret, root };
        expect(parseClaim(formatClaim(claim))).toEqual(claim);
        expect(parseClaim(` ${formatClaim(claim)}\r\n`)).toEqual(claim);
      }),
    );
  });

  it('of any other text is refused, without a word of it in the message', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `goshawk-claim://${text}`),
        ),
        (text) => {
          try {
            parseClaim(text);
            expect.unreachable();
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            if (text.length > 20) expect((error as Error).message).not.toContain(text);
          }
        },
      ),
    );
  });

  it.each([
    'goshawk-claim://user@host/0123456789ab/x/y',
    `goshawk-claim://a/b/0123456789ab/${'s'.repeat(43)}/${'r'.repeat(43)}`,
    `goshawk-claim://host:999999/0123456789ab/${'s'.repeat(43)}/${'r'.repeat(43)}`,
    `https://host/0123456789ab/${'s'.repeat(43)}/${'r'.repeat(43)}`,
    `goshawk-claim://host/0123456789ab/${'s'.repeat(43)}/${'r'.repeat(43)}/more`,
  ])('that leads elsewhere is none: %s', (text) => {
    expect(() => parseClaim(text)).toThrow(InputError);
  });
});
