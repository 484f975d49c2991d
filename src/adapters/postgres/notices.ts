/** PostgreSQL takes less than 8,000 bytes in one notice. */
const mostBytes = 7_900;
/** A notice of many parts that never ends is dropped for newer ones. */
const mostOpen = 16;

/** A text as notices, each within the limit: `<id> <part> <parts> <text>`. */
export function noticesOf(id: number, text: string): string[] {
  // With one byte for each character.
  const ascii = text.replaceAll(
    /[\u0080-\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const room = mostBytes - 60;
  const parts = Math.max(1, Math.ceil(ascii.length / room));
  return Array.from(
    { length: parts },
    (_, part) => `${id} ${part} ${parts} ${ascii.slice(part * room, (part + 1) * room)}`,
  );
}

/** Puts the parts of notices together again. */
export class NoticeReader {
  readonly #open = new Map<string, string[]>();

  /** The whole text with its last part; undefined before, and for what is no notice of ours. */
  read(notice: string): string | undefined {
    const [, id, at, of, text] = /^(\d{1,16}) (\d{1,9}) (\d{1,9}) (.*)$/s.exec(notice) ?? [];
    if (id === undefined || text === undefined) return undefined;
    const parts = this.#open.get(id) ?? [];
    // Parts come in their order; one that is missing makes the whole useless.
    if (parts.length !== Number(at)) {
      this.#open.delete(id);
      return undefined;
    }
    parts.push(text);
    if (parts.length === Number(of)) {
      this.#open.delete(id);
      return parts.join('');
    }
    this.#open.set(id, parts);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= mostOpen) break;
      this.#open.delete(oldest);
    }
    return undefined;
  }
}
