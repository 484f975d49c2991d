/** What a colour says; the word beside it carries the meaning. */
export type Tone = 'ok' | 'warning' | 'error' | 'idle' | 'accent';
