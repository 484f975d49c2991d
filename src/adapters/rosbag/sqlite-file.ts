import { basename } from 'node:path';
import { describeError } from '../../base/index.ts';
import { openDatabase } from '../../platform/index.ts';
import { type BagFile, damagedBag } from './bag.ts';

/** A file of rosbag2's SQLite storage. Its rows are read one by one, each on the calling thread. */
export async function openSqlite(path: string): Promise<BagFile> {
  const name = basename(path);
  try {
    const database = openDatabase(path, { readOnly: true });
    try {
      const rows = database.prepare('SELECT name, type FROM topics ORDER BY id').all();
      const topics = rows.map((row) => ({ name: String(row.name), type: String(row.type) }));
      const statement =
        'SELECT timestamp, data FROM messages WHERE topic_id = (SELECT id FROM topics WHERE name = ?) ORDER BY timestamp, id';
      return {
        topics,
        *messages(topic) {
          try {
            const found = database.prepare(statement);
            found.setReadBigInts(true);
            for (const { timestamp, data } of found.iterate(topic) as Iterable<Row>)
              yield { bytes: data, loggedNs: timestamp };
          } catch (error) {
            throw damagedBag(name, describeError(error), error);
          }
        },
        close: async () => database.close(),
      };
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw damagedBag(name, describeError(error), error);
  }
}

interface Row {
  readonly timestamp: bigint;
  readonly data: Uint8Array;
}
