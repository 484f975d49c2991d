import { describe, expect, it } from 'vitest';
import { AdmissionLedger } from '../../../../src/agent/trust/ledger.ts';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import type { MetadataStore } from '../../../../src/trust/index.ts';

const time = { ms: 0, root: 0, stepFromMs: 0 };
const bundle = (at: number) => ({ name: 'street', version: `1.0.${at}`, digest: `sha256:${at}` });

function diskWith(text?: string): MetadataStore {
  let bytes = text === undefined ? undefined : encodeUtf8(text);
  return {
    read: async () => bytes,
    write: async (_name: string, written: Uint8Array) => {
      bytes = written;
    },
  } as unknown as MetadataStore;
}

describe('The list of admitted models', () => {
  it('has an end: the oldest is forgotten after 200', async () => {
    const ledger = new AdmissionLedger(diskWith());
    for (let at = 0; at < 250; at++) await ledger.admit(bundle(at), at, time);
    expect(ledger.size).toBe(200);
    expect([ledger.find('sha256:49'), ledger.find('sha256:50')?.release]).toEqual([undefined, 50]);
  });

  it.each([
    ['no JSON', '{"version":1'],
    ['another version', '{"version":2,"time":{"ms":0,"root":0,"stepFromMs":0},"floors":{},"admitted":[]}'],
    ['nothing', 'null'],
    [
      'a time that is none',
      '{"version":1,"time":{"ms":"x","root":0,"stepFromMs":0},"floors":{},"admitted":[]}',
    ],
    [
      'a floor below nothing',
      '{"version":1,"time":{"ms":0,"root":0,"stepFromMs":0},"floors":{"a":-1},"admitted":[]}',
    ],
    ['no list', '{"version":1,"time":{"ms":0,"root":0,"stepFromMs":0},"floors":{},"admitted":{}}'],
  ])('is ignored if its document is %s', async (_what, text) => {
    const ledger = new AdmissionLedger(diskWith(text));
    await ledger.open();
    expect([ledger.size, ledger.floor('a'), ledger.time]).toEqual([0, undefined, time]);
    await ledger.admit(bundle(1), 1, time);
    expect(ledger.find('sha256:1')?.release).toBe(1);
  });
});
