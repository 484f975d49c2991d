import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerSentEventParser } from '../../../src/dashboard/api/server-sent-events.ts';

const parse = (...chunks: string[]) => {
  const parser = new ServerSentEventParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};

describe('ServerSentEventParser', () => {
  it('gives an event with its name and data, and calls a nameless one message', () => {
    expect(parse('event: device\ndata: {"id":1}\n\ndata: x\n\n')).toEqual([
      { event: 'device', data: '{"id":1}', id: '' },
      { event: 'message', data: 'x', id: '' },
    ]);
  });

  it('joins several data lines, skips comments and gives nothing for an event without data', () => {
    expect(parse(': hello\n\nevent: none\n\nid: 7\ndata: a\ndata: b\n\n')).toEqual([
      { event: 'message', data: 'a\nb', id: '7' },
    ]);
  });

  it('takes away one space after the colon and no more', () => {
    expect(parse('data:  two\n\ndata:none\n\n').map((event) => event.data)).toEqual([' two', 'none']);
  });

  it('keeps an unfinished event for itself', () => {
    expect(parse('data: a\n')).toEqual([]);
  });

  it('gives the same events wherever the stream is cut and whichever line end is used', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'é', '{', ' ', ':'), maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(200), { maxLength: 8 }),
        (words, end, cuts) => {
          const text = words.map((data, index) => `event: e${index}${end}data: ${data}${end}${end}`).join('');
          const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
          const chunks = [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
          const whole = parse(text, '\n');
          expect(parse(...chunks, '\n')).toEqual(whole);
          expect(whole.map((event) => event.data)).toEqual(words);
        },
      ),
    );
  });
});
