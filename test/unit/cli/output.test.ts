import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/index.ts';
import { Output, outputLog } from '../../../src/cli/output.ts';
import { tableLines } from '../../../src/cli/table.ts';

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk.toString();
    done();
  }
}

function outputs(json: boolean, debug = false) {
  const stdout = new Sink();
  const stderr = new Sink();
  return { output: new Output({ format: json ? 'json' : 'table', debug, stdout, stderr }), stdout, stderr };
}

describe('What a command says', () => {
  it('is for people without --json and for programs with it, never both', () => {
    for (const json of [false, true]) {
      const { output, stdout } = outputs(json);
      output.line('words');
      output.value({ n: 1 });
      output.table(['a'], [[1]], 'None.');
      expect(stdout.text).toBe(json ? '{"n":1}\n' : 'words\na\n1\n');
    }
  });

  it('lets no name from outside steer the terminal, in a table, a line, an error, a log or as JSON', () => {
    const name = 'cam\u001b]52;c;aGk=\u0007\u009b2J\u202e';
    for (const json of [false, true]) {
      const { output, stdout, stderr } = outputs(json, true);
      output.line(`${name} is ready`);
      output.table(['device'], [[`${name}\nforged`]], 'None.');
      output.value({ name });
      output.document({ name });
      output.note(name);
      output.error(new InputError('x', name, name));
      outputLog(output).warn(name, { name });
      for (const { text } of [stdout, stderr])
        for (const sign of ['\u001b', '\u0007', '\u009b', '\u202e']) expect(text).not.toContain(sign);
      if (json) expect(JSON.parse(stdout.text.split('\n')[0]!)).toEqual({ name });
      else expect(stdout.text).toContain('cam\\x1b]52;c;aGk=\\x07\\x9b2J\\u202e\\nforged');
    }
  });

  it('has a log whose lines say what they are: no information is called a warning', () => {
    for (const debug of [false, true]) {
      const { output, stderr } = outputs(false, debug);
      const log = outputLog(output, { camera: 'front' });
      log.info('joined', { through: 'dds' });
      log.warn('lost');
      log.error('broken');
      const always = 'warning: lost camera=front\nerror: broken camera=front\n';
      expect(stderr.text).toBe(debug ? `info: joined camera=front through=dds\n${always}` : always);
    }
  });

  it.each([
    ['debug', 'debug: a\ninfo: b\nwarning: c\nerror: d\n'],
    ['info', 'info: b\nwarning: c\nerror: d\n'],
    ['error', 'error: d\n'],
    ['fatal', ''],
  ] as const)('has a log from %s on', (least, expected) => {
    const { output, stderr } = outputs(false);
    const log = outputLog(output, {}, least).child({});
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(stderr.text).toBe(expected);
  });

  it('gives an error with its remedy and without a stack', () => {
    const { output, stdout, stderr } = outputs(true);
    output.error(new InputError('some-code', 'It is broken.', 'Mend it.'));
    expect(stderr.text).toBe('goshawk: It is broken.\n  -> Mend it.\n');
    expect(JSON.parse(stdout.text)).toEqual({
      ok: false,
      error: { code: 'some-code', message: 'It is broken.', remedy: 'Mend it.' },
    });
  });

  it('shows the code, the stack and the causes with --debug', () => {
    const { output, stderr } = outputs(false, true);
    output.error(new InputError('c', 'Outside.', '', { cause: new Error('inside') }));
    expect(stderr.text).toMatch(/code: c\nInputError: Outside[\s\S]*at [\s\S]*Error: inside/);
  });

  it('ends quietly when whoever reads it went away', () => {
    const stdout = new Sink();
    let left = 0;
    const output = new Output({ format: 'json', debug: false, stdout, stderr: new Sink() }, () => {
      left += 1;
    });
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    output.value(1);
    expect([left, stdout.text]).toEqual([1, '']);
  });

  it('sets numbers to the right and words to the left', () => {
    expect(
      tableLines(
        ['class', 'AP'],
        [
          ['person', '9.5'],
          ['car', '100.0'],
        ],
      ),
    ).toEqual(['class      AP', 'person    9.5', 'car     100.0']);
  });
});
