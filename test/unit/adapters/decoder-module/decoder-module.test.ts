import { afterEach, describe, expect, it } from 'vitest';
import { DecoderModule, type DecoderModuleOptions } from '../../../../src/adapters/decoder-module/index.ts';
import { encodeUtf8 } from '../../../../src/base/index.ts';
import { picture, tensor } from '../../../contract/tensor-decoder.ts';

const opened: DecoderModule[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

async function load(text: string, options: Partial<DecoderModuleOptions> = {}): Promise<DecoderModule> {
  const decoder = await DecoderModule.load({
    source: encodeUtf8(text),
    name: 'mine.mjs',
    startTimeoutMs: 60_000,
    ...options,
  });
  opened.push(decoder);
  return decoder;
}

const decode = (body: string) => `export function decode(tensors, picture) { ${body} }`;
/** Fails on its first picture in a life of its thread where `out` begins with 1. */
const badOnOne = (body: string) =>
  decode(`if (tensors.out.data[0] === 1) { ${body} } return { value: tensors.out.data[0] };`);

describe('A module of a user', () => {
  it.each([
    ['loops for ever', 'for (;;) {}', { timeoutMs: 1500 }, 'decoder-timeout', /more than 1500 ms/],
    ['never answers', 'return new Promise(() => {});', { timeoutMs: 1500 }, 'decoder-timeout', /1500 ms/],
    ['ends its process', 'process.exit(3);', {}, 'decoder-died', /exit code 3/],
    [
      'throws where nobody waits',
      'setTimeout(() => { throw new Error("later"); }, 0); return new Promise(() => {});',
      {},
      'decoder-died',
      /later/,
    ],
    [
      'fills its memory',
      'const all = []; for (;;) all.push(new Array(1e5).fill({ a: all.length }));',
      { memoryMb: 32, timeoutMs: 60_000 },
      'decoder-died',
      /memory/,
    ],
    ['throws', 'throw new TypeError("no such class");', {}, 'decoder-failed', /no such class/],
    ['throws no Error', 'throw "words";', {}, 'decoder-failed', /words/],
    ['says nothing', 'return undefined;', {}, 'decoder-answer', /undefined/],
    ['says NaN', 'return { a: [Number.NaN] };', {}, 'decoder-answer', /NaN/],
    ['says a whole number of any size', 'return 1n;', {}, 'decoder-answer', /bigint/],
    ['gives the tensor back', 'return tensors.out.data;', {}, 'decoder-answer', /typed array/],
    [
      'says something that holds itself',
      'const a = {}; a.a = a; return a;',
      {},
      'decoder-answer',
      /holds itself/,
    ],
    ['says too much', 'return "x".repeat(70_000);', {}, 'decoder-answer', /70002 bytes/],
  ] as const)(
    'that %s costs its own picture, and the next one is read',
    async (_, body, options, code, words) => {
      const decoder = await load(badOnOne(body), options);
      const failed = decoder.decode([tensor(1)], picture);
      await expect(failed).rejects.toMatchObject({ name: 'InputError', code });
      await expect(failed).rejects.toThrow(words);
      expect((await decoder.decode([tensor(2)], picture)).data).toEqual({ value: 2 });
    },
  );

  it.each([
    ['exports nothing to call', 'export const decode = 1;', 'decoder-export', /exports no function "decode"/],
    ['is no JavaScript', 'export function decode( {', 'decoder-failed', /mine\.mjs failed/],
    ['throws while it is loaded', 'throw new Error("at once");', 'decoder-failed', /at once/],
    [
      'imports a file',
      'import "./other.mjs"; export function decode() {}',
      'decoder-failed',
      /mine\.mjs failed/,
    ],
  ])('that %s is refused when it is loaded', async (_, text, code, words) => {
    const loaded = load(text);
    await expect(loaded).rejects.toMatchObject({ code });
    await expect(loaded).rejects.toThrow(words);
  });

  it('that takes too long to be loaded is refused', async () => {
    const loaded = load('for (;;) {} export function decode() {}', { startTimeoutMs: 500 });
    await expect(loaded).rejects.toMatchObject({ code: 'decoder-timeout' });
  });

  it('sees neither the environment nor the arguments that secrets may be in', async () => {
    process.env.GOSHAWK_TEST_SECRET = 'open sesame';
    const decoder = await load(decode('return { env: Object.keys(process.env), argv: process.execArgv };'));
    expect((await decoder.decode([], picture)).data).toEqual({ env: [], argv: [] });
  });

  it('gets every type of number as it is, and several tensors of one buffer', async () => {
    const all = new Float32Array([1, 2, 3, 4]);
    const decoder = await load(
      decode(
        'return Object.entries(tensors).map(([name, { type, dims, data }]) => [name, type, dims, data.constructor.name, Array.from(data, String)]);',
      ),
    );
    const { data } = await decoder.decode(
      [
        { name: 'ids', type: 'int64', dims: [2], data: BigInt64Array.of(1n, -9_007_199_254_740_993n) },
        { name: 'a', type: 'float32', dims: [1, 2], data: all.subarray(0, 2) },
        { name: 'b', type: 'float32', dims: [1, 2], data: all.subarray(2) },
      ],
      picture,
    );
    expect(data).toEqual([
      ['ids', 'int64', [2], 'BigInt64Array', ['1', '-9007199254740993']],
      ['a', 'float32', [1, 2], 'Float32Array', ['1', '2']],
      ['b', 'float32', [1, 2], 'Float32Array', ['3', '4']],
    ]);
  });
});
