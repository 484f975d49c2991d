import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

  it('that was cut off is moved aside and named', async () => {
    writeFileSync(join(folder, 'memory.json'), '{"version":1,"sess');
    const file = new AgentStateFile(join(folder, 'memory.json'));
    await expect(file.load()).rejects.toMatchObject({ code: 'memory-damaged' });
    expect(readdirSync(folder)).toEqual(['memory.json.damaged']);
    expect(await file.load()).toBeUndefined();
  });

  it('that can not be read or written says what to do', async () => {
    mkdirSync(join(folder, 'memory.json'));
    const file = new AgentStateFile(join(folder, 'memory.json'));
    await expect(file.load()).rejects.toMatchObject({ code: 'memory-disk' });
    await expect(file.save(freshAgentState(0))).rejects.toMatchObject({ code: 'memory-disk', remedy: /./ });
  });
});
