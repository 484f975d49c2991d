import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Larger ones are no definitions of messages. */
const maxFileBytes = 64 << 10;
const typeName = /^([a-z][a-z0-9_]*)\/(msg|srv)\/([A-Z][A-Za-z0-9_]*)$/;

/**
 * The texts of messages and services below these folders: `<folder>/<package>/msg/<Name>.msg` and `.../srv/<Name>.srv`, as in /opt/ros/jazzy/share and in the sources of
 * a workspace. The first folder that has one counts.
 */
export function messageTexts(folders: readonly string[]): (type: string) => string | undefined {
  return (type) => {
    const [, folder, kind = '', name] = typeName.exec(type) ?? [];
    if (folder === undefined) return undefined;
    for (const each of folders) {
      const file = path.join(each, folder, kind, `${name}.${kind}`);
      const found = statSync(file, { throwIfNoEntry: false });
      if (found?.isFile() && found.size <= maxFileBytes) return readFileSync(file, 'utf8');
    }
    return undefined;
  };
}
