import { expect, it } from 'vitest';
import type { KeySeal } from '../../src/agent/index.ts';
import { MissingError, RefusedError } from '../../src/base/index.ts';
import { suite } from './suite.ts';

export interface SealingBoards {
  /** What a new process on the board of this name has. */
  seal(board: 'own' | 'other', pcrs?: readonly number[]): Promise<KeySeal>;
  /** Another firmware starts the board `own`. */
  changeFirmware(): Promise<void>;
  /** It answers nothing until `recover`. */
  hang(): void;
  recover(): void;
  close(): Promise<void>;
}

/** What the key of a device expects of any seal. */
export function describeKeySeal(name: string, make: () => Promise<SealingBoards>, missing?: string): void {
  suite(`KeySeal: ${name}`, missing, () => {
    const withBoards = async (work: (boards: SealingBoards) => Promise<void>) => {
      const boards = await make();
      await work(boards).finally(() => boards.close());
    };

    it.each([
      ['zeros', Buffer.alloc(32)],
      ['line ends', Buffer.alloc(32, '\n')],
      ['every byte', Buffer.from(Array.from({ length: 64 }, (_, at) => (at * 37) % 256))],
    ])('opens what it sealed after a restart: %s', (_what, secret) =>
      withBoards(async (boards) => {
        const sealed = await (await boards.seal('own')).seal(secret);
        expect(Buffer.from(await (await boards.seal('own')).open(sealed))).toEqual(secret);
      }),
    );

    it('says whether it is bound to what the settings say', () =>
      withBoards(async (boards) => {
        const free = await boards.seal('own');
        const bound = await boards.seal('own', [7, 0]);
        const sealed = await bound.seal(Buffer.alloc(32, 1));
        expect([free.isCurrent(sealed), bound.isCurrent(sealed)]).toEqual([false, true]);
        expect((await boards.seal('own', [0, 7])).isCurrent(sealed)).toBe(true);
        // What it is bound to stands in the object.
        expect(Buffer.from(await free.open(sealed))).toEqual(Buffer.alloc(32, 1));
      }));

    it('refuses for ever: another board, a damaged object, and another firmware where it is bound to that', () =>
      withBoards(async (boards) => {
        const own = await boards.seal('own');
        const sealed = await own.seal(Buffer.alloc(32, 1));
        const bound = await (await boards.seal('own', [7])).seal(Buffer.alloc(32, 2));
        await expect((await boards.seal('other')).open(sealed)).rejects.toThrow(RefusedError);
        for (const damaged of ['', '{}', sealed.slice(0, -9), sealed.replace(/[A-Z]/, '-')])
          await expect(own.open(damaged)).rejects.toThrow(RefusedError);
        await boards.changeFirmware();
        await expect(own.open(bound)).rejects.toThrow(RefusedError);
        expect(Buffer.from(await own.open(sealed))).toEqual(Buffer.alloc(32, 1));
      }));

    it('gives up where it gets no answer, and opens when it is asked later', () =>
      withBoards(async (boards) => {
        const own = await boards.seal('own');
        const sealed = await own.seal(Buffer.alloc(32, 1));
        boards.hang();
        await expect(own.open(sealed)).rejects.toThrow(MissingError);
        boards.recover();
        const again = await boards.seal('own');
        expect(Buffer.from(await again.open(sealed))).toEqual(Buffer.alloc(32, 1));
      }));
  });
}
