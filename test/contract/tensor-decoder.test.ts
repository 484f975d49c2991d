import { DecoderModule } from '../../src/adapters/decoder-module/index.ts';
import { encodeUtf8 } from '../../src/base/index.ts';
import { describeTensorDecoder } from './tensor-decoder.ts';

const source = encodeUtf8(`export function decode({ out }, { width }) {
  const sum = out.data.reduce((a, b) => a + b, 0);
  if (sum < 0) throw new RangeError('below zero');
  return { sum, width };
}`);

describeTensorDecoder('a module in a thread', () => DecoderModule.load({ source, name: 'sum.mjs' }));
