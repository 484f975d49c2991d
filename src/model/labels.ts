import { counted, InputError } from '../base/index.ts';

const maxLabels = 20_000;

/**
 * Class names in the order of the network's class numbers, from one of
 *  - a text file, one name per line (empty lines at the end are ignored),
 *  - the `names:` of an Ultralytics `data.yaml`: `[a, b]`, `- a` lines or `0: a` lines.
 * `fileName` decides by its ending (.yaml, .yml) and is named in errors.
 */
export function parseLabels(text: string, fileName: string): readonly string[] {
  const withoutMark = text.replace(/^\uFEFF/, '');
  const labels = /\.ya?ml$/i.test(fileName)
    ? yamlNames(withoutMark, fileName)
    : withoutMark.trimEnd().split(/\r?\n/).map(trimmed);
  return checked(labels, fileName);
}

/**
 * The characters of a text recogniser with so many values per step, the blank among them: those of its dictionary, one per line, and
 * a space where there is room for one more, as PP-OCR adds it (`use_space_char`). Undefined where the numbers don't fit.
 */
export function dictionaryOf(lines: readonly string[], values: number): readonly string[] | undefined {
  if (values === lines.length + 1) return lines;
  return values === lines.length + 2 ? [...lines, ' '] : undefined;
}

/** Lines as they are: one of them may be a space. */
export function dictionaryLines(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/**
 * The names that Ultralytics notes in an exported file, a table of Python: `{0: 'person', 1: "traffic light"}`, or, before YOLOv5
 * 7.0, a list: `['person', "traffic light"]`; undefined where the text is neither.
 */
export function namesOfMetadata(text: string, fileName: string): readonly string[] | undefined {
  const inner = /^\s*(?:\{(.*)\}|\[(.*)\])\s*$/s.exec(text);
  if (inner === null) return undefined;
  const [, table, list = ''] = inner;
  const item = /\s*(?:(\d+)\s*:\s*)?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*(?:,|$)/gsy;
  const names: string[] = [];
  const body = table ?? list;
  let end = 0;
  for (const match of body.matchAll(item)) {
    const [all, index, quoted = ''] = match;
    if ((index === undefined) === (table !== undefined)) return undefined;
    if (index !== undefined && Number(index) !== names.length) return undefined;
    names.push(quoted.slice(1, -1).replace(/\\(.)/gs, '$1').trim());
    end = match.index + all.length;
  }
  if (body.slice(end).trim() !== '') return undefined;
  return names.length === 0 ? undefined : checked(names, `"names" of ${fileName}`);
}

function checked(labels: readonly string[], fileName: string): readonly string[] {
  if (labels.length === 0 || (labels.length === 1 && labels[0] === '')) {
    throw refused(`${fileName} holds no class name.`);
  }
  if (labels.length > maxLabels) {
    throw refused(`${fileName} has ${counted(labels.length, 'line')}; ${maxLabels} classes are the limit.`);
  }
  labels.forEach((label, index) => {
    const complaint =
      label === ''
        ? 'is empty'
        : label.length > 100
          ? 'is longer than 100 characters'
          : hasControl(label)
            ? 'holds characters that are not text'
            : undefined;
    if (complaint !== undefined) throw refused(`${fileName}: the name of class ${index} ${complaint}.`);
  });
  return labels;
}

/** Throws unless there is one label per class of the network. */
export function checkLabelCount(labels: readonly string[], classes: number, fileName: string): void {
  if (labels.length === classes) return;
  throw new InputError(
    'labels-count',
    `${fileName} names ${labels.length} classes, but the network's output has ${classes}.`,
    'Give the label file that the model was trained with (one name per line, in the order of training).',
  );
}

function yamlNames(text: string, fileName: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, ''));
  const start = lines.findIndex((line) => /^names\s*:/.test(line));
  if (start < 0) throw refused(`${fileName} has no "names:" entry.`);
  const inline = (lines[start] ?? '').replace(/^names\s*:/, '').trim();
  if (inline.startsWith('[')) return flowNames(lines.slice(start), fileName);
  if (inline !== '')
    throw refused(`${fileName}: "names:" is neither a list nor a table of numbers and names.`);
  const names: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === '') continue;
    const item = /^\s*-\s+(.*)$/.exec(line);
    const pair = /^\s+(\d+)\s*:\s*(.*)$/.exec(line);
    if (item !== null) names.push(unquoted(item[1] ?? ''));
    else if (pair !== null) {
      if (Number(pair[1]) !== names.length) {
        throw refused(`${fileName}: "names:" goes from class ${names.length - 1} to class ${pair[1]}.`);
      }
      names.push(unquoted(pair[2] ?? ''));
    } else break;
  }
  return names;
}

function flowNames(lines: readonly string[], fileName: string): readonly string[] {
  const rest = lines.join(' ').replace(/^names\s*:\s*\[/, '');
  const close = rest.indexOf(']');
  if (close < 0) throw refused(`${fileName}: the list of "names:" has no closing bracket.`);
  const items = rest.slice(0, close).match(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+/g) ?? [];
  return items.map((item) => unquoted(item)).filter((item, index) => item !== '' || index < items.length - 1);
}

function unquoted(text: string): string {
  const value = text.trim();
  if (/^'.*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  if (/^".*"$/.test(value)) return value.slice(1, -1).replace(/\\(.)/g, '$1');
  return value;
}

function trimmed(line: string): string {
  return line.trim();
}

function hasControl(label: string): boolean {
  for (let index = 0; index < label.length; index += 1) {
    const code = label.charCodeAt(index);
    if (code < 32 || code === 127 || code === 0xfffd) return true;
  }
  return false;
}

function refused(message: string): InputError {
  return new InputError(
    'labels-file',
    message,
    'A label file is UTF-8 text with one class name per line, or a data.yaml with "names:".',
  );
}
