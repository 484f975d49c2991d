/*
 * Which package mirrors this machine uses, so that an image is made from the same: from the text of its own sources, never
 * its other settings of apt. A new root must not get those.
 */

interface Source {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** Lines for apt (`deb URI suite component...`) of the suites of one release, by the network. */
export function mirrorLines(
  files: readonly AptFile[],
  release: string,
  components: readonly string[],
): readonly string[] {
  const lines = files
    .flatMap((file) => (file.name.endsWith('.sources') ? parseDeb822(file.text) : parseOneLine(file.text)))
    .filter((source) => source.components.includes('main'))
    .flatMap(({ uris, suites }) => uris.flatMap((uri) => suites.map((suite) => ({ uri, suite }))))
    .filter(({ uri, suite }) => /^https?:\/\//.test(uri) && ofRelease(suite, release))
    .map(({ uri, suite }) => `deb ${uri} ${suite} ${components.join(' ')}`);
  return [...new Set(lines)];
}

export interface AptFile {
  readonly name: string;
  readonly text: string;
}

function ofRelease(suite: string, release: string): boolean {
  return suite === release || suite.startsWith(`${release}-`);
}

function parseDeb822(text: string): readonly Source[] {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => fieldsOf(paragraph))
    .filter((fields) => words(fields.get('types')).includes('deb') && fields.get('enabled') !== 'no')
    .map((fields) => ({
      uris: words(fields.get('uris')),
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
    }));
}

function fieldsOf(paragraph: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of paragraph.split('\n')) {
    if (line.startsWith('#')) continue;
    const field = /^([A-Za-z-]+):(.*)$/.exec(line);
    if (field !== null) {
      last = (field[1] ?? '').toLowerCase();
      fields.set(last, (field[2] ?? '').trim());
    } else if (/^\s/.test(line) && last !== '') {
      fields.set(last, `${fields.get(last)} ${line.trim()}`);
    }
  }
  return fields;
}

function parseOneLine(text: string): readonly Source[] {
  return text.split('\n').flatMap((line) => {
    const [type, uri = '', suite = '', ...components] = words(
      line.replace(/#.*$/, '').replace(/\[[^\]]*\]/, ''),
    );
    return type === 'deb' ? [{ uris: [uri], suites: [suite], components }] : [];
  });
}

function words(text = ''): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
