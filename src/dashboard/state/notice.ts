import { Value } from '../observable/value.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'ok' | 'error';
  readonly text: string;
}

/** Short messages at the edge of the page; read out by screen readers. */
export const notices = new Value<readonly Notice[]>([]);
let last = 0;

export function notify(tone: Notice['tone'], text: string): void {
  last += 1;
  const notice = { id: last, tone, text };
  notices.set([...notices.get().slice(-2), notice]);
  setTimeout(() => dismiss(notice.id), tone === 'ok' ? 5000 : 12_000);
}

export function dismiss(id: number): void {
  notices.set(notices.get().filter((notice) => notice.id !== id));
}
