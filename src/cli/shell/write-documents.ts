/*
 * Writes what a package puts beside the program, from the command line itself:
 *   node --import tsx src/cli/shell/write-documents.ts FOLDER VERSION DATE
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { createProgram } from '../program.ts';
import { completionScript, shells } from './completion.ts';
import { manualPage } from './manual.ts';
import { commandNodes } from './tree.ts';

const [folder = '.', version = '', date = ''] = argv.slice(2);
const nodes = commandNodes(createProgram());
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'goshawk.1'), manualPage(nodes, { version, date }));
for (const shell of shells) writeFileSync(join(folder, `goshawk.${shell}`), completionScript(shell, nodes));
