import { parseJson, type RepositoryRecord } from '../../controller/index.ts';
import type { Sql } from './sql.ts';

/** Of the registry of models: which artifacts and tags each repository has. Written by the leader alone. */
export async function loadRepositories(sql: Sql): Promise<readonly RepositoryRecord[]> {
  const rows = await sql.all(`SELECT data FROM document WHERE kind = 'repository' ORDER BY id`);
  return rows.flatMap(({ data }) => parseJson<RepositoryRecord>(data) ?? []);
}

export async function saveRepository(sql: Sql, record: RepositoryRecord): Promise<void> {
  await sql.run(
    `INSERT INTO document (kind, id, data) VALUES ('repository', $1, $2)
     ON CONFLICT (kind, parent, id) DO UPDATE SET data = excluded.data`,
    ...[record.name, JSON.stringify(record)],
  );
}

export async function deleteRepository(sql: Sql, name: string): Promise<void> {
  await sql.run(`DELETE FROM document WHERE kind = 'repository' AND id = $1`, name);
}
