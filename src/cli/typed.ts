import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What the user types at the terminal, without showing it; undefined: Ctrl+C. */
export function typedSecret(question: string): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = answered(silent, '');
  // The terminal stops its echo only here.
  process.stderr.write(question);
  return answer.finally(() => process.stderr.write('\n'));
}

/** What the user answers at the terminal; undefined: Ctrl+C. */
export function typedAnswer(question: string): Promise<string | undefined> {
  return answered(process.stderr, question);
}

function answered(output: NodeJS.WritableStream, question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  return new Promise((resolve) => {
    lines.once('SIGINT', () => {
      lines.close();
      resolve(undefined);
    });
    lines.question(question, (answer) => {
      lines.close();
      resolve(answer);
    });
  });
}
