import { parseDocument } from 'yaml';
import { InputError } from '../../base/index.ts';

const mostBytes = 4 * 1024 * 1024;

/**
 * One YAML 1.2 document, or JSON, as plain values. InputErrors `yaml-form`, with the line, `yaml-circle` for one whose
 * anchors refer to themselves or multiply, and `yaml-large`. `where`: the file, for messages.
 */
export function readYaml(text: string, where = 'The file'): unknown {
  if (text.length > mostBytes)
    throw new InputError(
      'yaml-large',
      `${where} has ${text.length} characters.`,
      `The limit is ${mostBytes}.`,
    );
  const document = parseDocument(text, { uniqueKeys: true, merge: false, prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined)
    throw new InputError(
      'yaml-form',
      `${where} is not valid YAML or JSON: ${error.message.split('\n')[0]?.replace(/:$/, '')}.`,
      'Correct it there.',
    );
  try {
    // Through JSON: what refers to itself has no form there, and nothing but plain values is left.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null') as unknown;
  } catch (cause) {
    throw new InputError(
      'yaml-circle',
      `An anchor of ${where} refers to itself, or multiplies without end.`,
      'Write what it means in full.',
      { cause },
    );
  }
}
