import { describe, expect, it } from 'vitest';
import { lintCode, lintMarkdown } from '../../../deploy/checkout/words/lint.mjs';

const messages = async (text: string) =>
  (await lintMarkdown(text)).map(({ line, message }) => `${line} ${message.split(':')[0]}`);

describe('The words of pages', () => {
  it.each([
    ['A notice rings nobody.', 'nobody'],
    ['What a package holds never depends on anything.', 'What a package holds never depends on an'],
    ['It waits. Who is offline hears it later.', '. Who is offline hears it later.'],
    ['Behind a `#` stands an option.', 'stands'],
    ['It renews by itself from then on.', 'by itself'],
    ['A process of its own reads it.', 'of its own'],
    ['Nothing is stored.', 'Nothing'],
    ['Mend the file.', 'Mend'],
    ['The camera is connected anew.', 'anew'],
    ['The agent looks after its cameras.', 'looks after'],
    ['It goes on with the next one.', 'goes on'],
    ['They throw out each other.', 'throw out'],
    ['Else it waits.', 'Else'],
    ['It keeps the models of before.', 'of before'],
    ['The fleet is told of it.', 'is told'],
    ['The rule is in force.', 'in force'],
    ['A claim lets devices be let in.', 'let in'],
    ['Of a device it keeps the name.', 'Of'],
    ['Where it is offline, it waits.', 'Where it is offline,'],
    ['Look whether it runs.', 'Look whether'],
    ['A switch is under way.', 'under way'],
    ['Flash it again if it stays so.', 'stays so'],
    ['Take the token out of the settings.', 'Take the token out of'],
    ['The file is there already.', 'is there already'],
    ['It ends with 1 if it fails, else 0.', ', else'],
    ['It reports 1 devices.', '1 devices'],
    ['It reports 3 device.', '3 device'],
    ['It found 0 camera.', '0 camera'],
    ['… devices are offline.', '… devices'],
    ['It keeps … files.', '… files'],
  ])('are found where they are strange: %s', async (text, found) => {
    expect(await messages(`Clean line.\n\n${text}`)).toEqual([`3 "${found}"`]);
  });

  it.each([
    'What is a slot?',
    'A stand-in replaces `nobody` in [a page](by-itself.md).',
    '# What Goshawk is',
    'It does nothing until you set `stall`.',
    'You see 1 device, 2 devices and 10 models.',
    'At most … devices are listed, 3 of … cameras, and … frames/s.',
    'Version 2.1 devices, and the 3 camera streams.',
  ])('are left alone where they are plain: %s', async (text) => {
    expect(await messages(text)).toEqual([]);
  });

  it('are found in a list and in a table, at their line', async () => {
    expect(await messages('- one\n- nobody\n\n| a | b |\n|---|---|\n| c | lies there |\n')).toEqual([
      '2 "nobody"',
      '6 "lies"',
    ]);
  });

  it('keep to 120 characters, except for tables and code', async () => {
    const long = 'word '.repeat(25);
    expect(
      await messages(`${long}\n\n| ${long} |\n|---|\n\n    ${long}\n\n\`\`\`\n${long}\n\`\`\`\n`),
    ).toEqual(['1 125 characters']);
  });
});

describe('The words of texts in the source', () => {
  it('are found in strings, templates and JSX, and not in code', async () => {
    const code = [
      "import { nothing } from './nobody.ts';",
      "const a = 'For nobody else to read';",
      'const b = `Device goes back now`;',
      'const c = <p class="nobody in here">Nothing is stored</p>;',
      'const stands = nothing;',
    ].join('\n');
    expect((await lintCode(code)).map(({ line, message }) => `${line} ${message.split(':')[0]}`)).toEqual([
      '2 "nobody"',
      '3 "goes back"',
      '4 "Nothing"',
    ]);
  });

  it('are found at their line, also after a value, in a text of several lines and beside a placeholder', async () => {
    const code = [
      'const a = `$' + '{name} rings nobody`;',
      'const b =',
      "  'It is stored. ' +",
      "  'What it holds stays in profiles/<camera>.';",
    ].join('\n');
    expect(
      (await lintCode(code, 'ts')).map(({ line, message }) => `${line} ${message.split(':')[0]}`),
    ).toEqual(['1 "nobody"', '3 ". What it holds stays in profiles/<camer"']);
  });

  it('are not those of SQL, markup and conditions', async () => {
    const code = [
      "const a = 'DELETE FROM alert WHERE nobody is there';",
      "const b = '<p>nobody is here</p>';",
      "const c = 'nobody = somebody and more';",
    ].join('\n');
    expect(await lintCode(code, 'ts')).toEqual([]);
  });
});
