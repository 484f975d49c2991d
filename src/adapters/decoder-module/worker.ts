/* The thread of a user's module: gives it the outputs of one picture at a time, and checks what it says. */
import { describeError, InputError } from '../../base/index.ts';
import type { DecodedPicture, Json, RawTensor } from '../../perception/index.ts';
import { type NoNotices, serve, type ThreadContract } from '../../platform/index.ts';
import { jsonProblem } from './json-problem.ts';

export interface DecoderThread extends ThreadContract {
  readonly data: { readonly source: Uint8Array; readonly name: string; readonly mostBytes: number };
  readonly calls: {
    decode(request: { readonly tensors: readonly RawTensor[]; readonly picture: DecodedPicture }): Said;
  };
  readonly notices: NoNotices;
}

interface Said {
  readonly json: string;
  readonly tookMs: number;
}

type Decode = (
  tensors: Readonly<Record<string, Omit<RawTensor, 'name'>>>,
  picture: DecodedPicture,
) => Json | Promise<Json>;

const remedy = 'Fix the module; docs/decoders.md has an example.';

serve<DecoderThread>(
  async ({ source, name, mostBytes }) => {
    const decode = await load(source, name);
    return {
      answers: {
        async decode({ tensors, picture }) {
          const startMs = performance.now();
          const said = await decode(
            Object.fromEntries(tensors.map(({ name: output, ...tensor }) => [output, tensor])),
            picture,
          );
          const problem = jsonProblem(said);
          if (problem !== undefined)
            throw new InputError('decoder-answer', `The module ${name} answered ${problem}.`, remedy);
          const json = JSON.stringify(said);
          if (Buffer.byteLength(json) > mostBytes)
            throw new InputError(
              'decoder-answer',
              `The module ${name} answered ${Buffer.byteLength(json)} bytes for one picture; the limit is ${mostBytes}.`,
              'Shorten its answer: round numbers, and leave out fields that you do not use.',
            );
          return { json, tookMs: performance.now() - startMs };
        },
      },
    };
  },
  (error, { name }) =>
    new InputError('decoder-failed', `The module ${name} failed: ${describeError(error)}.`, remedy),
);

async function load(source: Uint8Array, name: string): Promise<Decode> {
  const url = `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
  const { decode } = (await import(url)) as { readonly decode?: unknown };
  if (typeof decode === 'function') return decode as Decode;
  throw new InputError(
    'decoder-export',
    `The module ${name} exports no function "decode".`,
    'Write `export function decode(tensors, picture) { ... }`.',
  );
}
