// Which files the words are held to.
import { execFileSync } from 'node:child_process';

const looked = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/*.md',
  'src/*.ts',
  'src/*.tsx',
  'device/*.ts',
];
/** Decisions are history; declarations of types have no texts. */
const excepted = /^docs\/decisions\/|\.d\.ts$/;

/** Every file that is looked at, of what is in the repository. */
export function files(root) {
  return execFileSync('git', ['ls-files', ...looked], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && !excepted.test(file));
}
