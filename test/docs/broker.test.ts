import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controllerId, topicTable } from '../../src/protocol/index.ts';
import type { TopicRow } from '../../src/protocol/topic-table.ts';
import { mosquittoFiles } from '../../src/runtime/broker/mosquitto.ts';
import { projectRoot } from '../integration/goshawk.ts';

const [configuration, accessList] = mosquittoFiles({
  ...{
    port: 8883,
    folder: '/etc/mosquitto/goshawk',
    controller: controllerId,
    revocations: undefined,
    clients: [],
  },
});

describe('deploy/broker', () => {
  it.each([
    ['mosquitto.conf', configuration],
    ['acl', accessList],
  ])('%s is what the table of topics makes', async (name, made) => {
    await expect(made?.text).toMatchFileSnapshot(join(projectRoot, 'deploy/broker', name));
  });
});

describe('docs/mqtt.md', () => {
  it.each(Object.entries<TopicRow>(topicTable))(
    'has the row of %s as the table of topics has it',
    (name, row) => {
      const topic = row.level === undefined ? name : `${name}/<${row.level}>`;
      const sent = `${row.qos}, ${row.retained ? 'yes' : 'no'}`;
      const size = row.maxBytes === 1024 * 1024 ? '1 MiB' : `${row.maxBytes / 1024} KiB`;
      expect(readFileSync(join(projectRoot, 'docs/mqtt.md'), 'utf8')).toMatch(
        new RegExp(
          `^\\| \`${topic}\` \\| ${row.from}[^|]* \\| ${sent} \\| ${row.encoding.toUpperCase()}, ${size} \\|`,
          'm',
        ),
      );
    },
  );
});
