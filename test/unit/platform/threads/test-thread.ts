import { InternalError } from '../../../../src/base/index.ts';
import { serve, type ThreadContract, WithTransfer } from '../../../../src/platform/index.ts';
import { errors, type Family } from './error-samples.ts';

/** A thread that does what the tests of its host want. */
export interface TestThread extends ThreadContract {
  readonly data: {
    readonly start?: 'refused' | 'broken';
    readonly tidyUp?: 'throws';
    readonly explains?: false;
  };
  readonly calls: {
    echo(value: unknown): unknown;
    /** Answers when `release` comes with the same number. */
    hold(number: number): string;
    release(number: number): void;
    refuse(family: Family): void;
    throwText(text: string): void;
    giveAway(bytes: Uint8Array): Uint8Array;
    answerFunction(): unknown;
    /** What was made of it in shared memory. */
    fill(bytes: Uint8Array): void;
    exit(code: number): void;
    dieLater(text: string): void;
    repeat(text: string): void;
    fail(text: string): void;
  };
  readonly notices: { readonly heard: string };
}

const held = new Map<number, (answer: string) => void>();

serve<TestThread>(
  ({ start, tidyUp }, tell) => {
    if (start === 'refused') throw errors.limit();
    if (start === 'broken') throw new Error('it does not start');
    return {
      answers: {
        echo: (value) => value,
        hold: (number) => new Promise((resolve) => held.set(number, resolve)),
        release: (number) => held.get(number)?.(`released ${number}`),
        refuse: (family) => {
          throw errors[family]();
        },
        throwText: (text) => {
          throw new Error(text);
        },
        giveAway: (bytes) => new WithTransfer(bytes, [bytes.buffer as ArrayBuffer]),
        answerFunction: () => () => {},
        fill: (bytes) => void bytes.fill(7),
        exit: (code) => process.exit(code),
        dieLater: (text) => {
          setImmediate(() => {
            throw new Error(text);
          });
        },
        repeat: (text) => tell('heard', text),
        fail: (text) => {
          throw new Error(text);
        },
      },
      close: () => {
        if (tidyUp === 'throws') throw new Error('it is not tidy');
        tell('heard', 'closed');
      },
    };
  },
  (error, { explains }) => {
    if (explains === false) throw error;
    return new InternalError('explained', `Explained: ${(error as Error).message}.`, 'Do z.');
  },
);
