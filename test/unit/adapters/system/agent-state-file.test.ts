import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentStateFile } from '../../../../src/adapters/system/index.ts';
import { freshAgentState } from '../../../../src/agent/index.ts';

// What it promises as an AgentStateStorage is in test/contract/agent-state-storage.ts.
describe('The memory file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'goshawk-memory-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is readable by its user alone, and what ended writes left of it is removed', async () => {
    const path = join(folder, 'data', 'memory.json');
    await new AgentStateFile(path).save(freshAgentState(1));
    expect([statSync(path).mode & 0o777, statSync(join(folder, 'data')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    writeFileSync(`${path}.partial-0`, 'half');
    expect(await new AgentStateFile(path).load()).toEqual(freshAgentState(1));
    expect(readdirSync(join(folder, 'data'))).toEqual(['memory.json']);
  });

  it('that was cut off is named to everybody who reads it, and kept beside the next one', async () => {
    writeFileSync(join(folder, 'memory.json'), '{"version":1,"sess');
    const file = new AgentStateFile(join(folder, 'memory.json'));
    for (const _reader of ['the start', 'the agent'])
      await expect(file.load()).rejects.toMatchObject({ code: 'memory-damaged' });
    await file.save(freshAgentState(0));
    expect(readdirSync(folder).sort()).toEqual(['memory.json', 'memory.json.damaged']);
    expect(readFileSync(join(folder, 'memory.json.damaged'), 'utf8')).toBe('{"version":1,"sess');
    expect(await file.load()).toEqual(freshAgentState(0));
  });

  it('that cannot be read or written says what to do', async () => {
    mkdirSync(join(folder, 'memory.json'));
    const file = new AgentStateFile(join(folder, 'memory.json'));
    await expect(file.load()).rejects.toMatchObject({ code: 'memory-disk' });
    await expect(file.save(freshAgentState(0))).rejects.toMatchObject({ code: 'memory-disk', remedy: /./ });
  });
});
