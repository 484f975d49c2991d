import type { JSX } from 'preact';
import { type AccessScope, accessScopeWords } from '../../api/index.ts';
import { Empty } from './widgets.tsx';

/** In place of a page about the whole fleet. */
export function ForWholeFleet({ scope }: { scope: AccessScope }): JSX.Element {
  return (
    <Empty icon="tokens" title={`Your token is limited to ${accessScopeWords(scope)}`}>
      <p>This page is about the whole fleet. Ask an admin of the whole fleet to do it for you.</p>
    </Empty>
  );
}
