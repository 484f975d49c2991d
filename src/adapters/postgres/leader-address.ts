import { parseJson } from '../../controller/index.ts';
import type { Sql } from './sql.ts';

/** Where other processes reach the leader; the next one writes its own. */
export async function announceLeader(sql: Sql, url: string): Promise<void> {
  await sql.run(
    `INSERT INTO document (kind, id, data) VALUES ('leader', '', $1)
     ON CONFLICT (kind, parent, id) DO UPDATE SET data = excluded.data`,
    JSON.stringify({ url }),
  );
}

/** Undefined where no leader has said it. */
export async function readLeaderUrl(sql: Sql): Promise<string | undefined> {
  const row = await sql.get(`SELECT data FROM document WHERE kind = 'leader'`);
  return parseJson<{ readonly url: string }>(row?.data)?.url;
}
