import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRoot } from '../debian.ts';
import { sections } from './checkout.ts';
import { printedLines, printedText } from './lines.ts';

/** What `apt` fetches for the lines of the pages, beside the packages; `sudo` is there before the first line. */
const asked = ['mosquitto', 'g++', 'cyclonedds-dev', 'sudo'];
const setUp = 'Set up a controller';

/** A fresh Debian 13 with the packages, and the lines that its reader types. */
export function makePrintedRoot(debs: string): string {
  const root = makeRoot('trixie', 'amd64', debs, asked);
  const printed = {
    sections: sections(false),
    setUp: printedLines('enrolment').filter(({ heading }) => heading === setUp),
    settings: printedText('enrolment', setUp),
  };
  writeFileSync(join(root, 'opt/test/printed.json'), JSON.stringify(printed));
  return root;
}
