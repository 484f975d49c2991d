/*
 * The globals of the web that a pure room may use, and of each no more than it uses. They compute, or carry a value from
 * caller to callee; they reach no clock, no disk and no network. AbortSignal.timeout is left out: it sets a timer.
 * Only src/tsconfig.pure.json reads this file: elsewhere Node's types, or the browser's, have these names.
 */

interface AbortSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

declare class TextDecoder {
  constructor(label?: 'utf-8', options?: { readonly fatal?: boolean });
  /** With `fatal` it throws a TypeError for bytes that are not UTF-8, else they become U+FFFD. */
  decode(bytes: Uint8Array): string;
}

/** Binary text (a character for each byte) to base64. */
declare function btoa(text: string): string;
/** Base64 to binary text; throws for text that is not base64. */
declare function atob(text: string): string;
