import { describe, expect, it } from 'vitest';
import { knownEventKinds } from '../../../src/api/index.ts';
import { textsOfCode } from '../../docs/error-codes.ts';

const folders = ['src/agent', 'src/controller/fleet', 'src/controller/rollouts', 'src/controller/approvals'];
const families = new Set(knownEventKinds.map((kind) => kind.split('.')[0]));
/** Actions of the audit log, topics, files and settings that look like a kind. */
const others =
  /\.(json|db|crt|key|txt|jsonl|mp4|hold|labels|retry|desired|deleted|created|approve|approved|refused|rules|restart|reboot|bundle|logs|called|issued|rejected|revoked|withdrawn-image|override-safety|key-id|viewed|exported|view|added|renamed|removed|tried|calls|describe|preview|challenge|set|state)$/;

describe('Kinds of events', () => {
  const written = new Set(
    folders
      .flatMap((folder) => textsOfCode(folder))
      .filter((text) => /^[a-z]+\.[a-z]+(-[a-z]+)*$/.test(text))
      .filter((text) => families.has(text.split('.')[0] ?? '') && !others.test(text)),
  );

  it('are listed for `event list --kind` as agents and the controller report them', () => {
    expect(written.size).toBeGreaterThan(50);
    expect([...written].filter((kind) => !knownEventKinds.includes(kind))).toEqual([]);
  });
});
