import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import {
  describeStray,
  otherVariables,
  strayVariables,
  warnOfStrayVariables,
} from '../../../../src/runtime/settings/stray-variables.ts';
import { RecordingLog } from '../../../fakes/recording-log.ts';

const agent = { cameras: { 'front-left': { source: 'sim' } } };
const stray = (env: Record<string, string>) => strayVariables(AgentSettings, agent, env);

describe('A variable that nobody reads', () => {
  it.each([
    ['GOSHAWK_BROKR_URL', 'GOSHAWK_BROKER_URL'],
    ['GOSHAWK_CAMERAS_FRONT_LEFT_FSP', 'GOSHAWK_CAMERAS_FRONT_LEFT_FPS'],
    ['GOSHAWK_CAMERAS_FRNT_LEFT_SOURCE', 'GOSHAWK_CAMERAS_FRONT_LEFT_SOURCE'],
    ['GOSHAWK_RETENTION_RAWHOURS', 'GOSHAWK_RETENTION_RAW_HOURS'],
    ['GOSHAWK_TOKN', 'GOSHAWK_TOKEN'],
  ])('%s is named with the nearest that somebody reads', (name, nearest) => {
    expect(stray({ [name]: 'x' })).toEqual([{ name, nearest }]);
    expect(describeStray({ name, nearest })).toBe(
      `Unknown variable ${name} (ignored). Did you mean ${nearest}?`,
    );
  });

  it('is named alone where none is near', () => {
    expect(stray({ GOSHAWK_SOMETHING_ELSE_ENTIRELY: '1' })).toEqual([
      { name: 'GOSHAWK_SOMETHING_ELSE_ENTIRELY', nearest: undefined },
    ]);
  });

  it('is none that a setting has, here or in the other program, nor one of other programs', () => {
    const env = {
      GOSHAWK_BROKER_URL: 'x',
      GOSHAWK_CAMERAS: '{}',
      GOSHAWK_CAMERAS_FRONT_LEFT_SETTINGS_SCORE_THRESHOLD: '1',
      GOSHAWK_RETENTION_RAW_HOURS: '1',
      GOSHAWK_URL: 'x',
      PATH: 'x',
      GOSHAWKISH: 'x',
    };
    expect(stray(env)).toEqual([]);
    // The controller does not know which cameras the agent's file names.
    expect(strayVariables(ControllerSettings, {}, { GOSHAWK_CAMERAS_ANY_FPS: '5' })).toEqual([]);
  });

  it('is told in the log at the start', () => {
    const log = new RecordingLog();
    warnOfStrayVariables(log, AgentSettings, agent, { GOSHAWK_THREDS: '2' });
    expect(JSON.stringify(log)).toContain(
      'Unknown variable GOSHAWK_THREDS (ignored). Did you mean GOSHAWK_THREADS?',
    );
  });

  it('is none that any file of this project reads', () => {
    const root = resolve(import.meta.dirname, '..', '..', '..', '..');
    const files = execFileSync('git', ['ls-files', 'src', 'device', 'native', 'deploy'], {
      cwd: root,
      encoding: 'utf8',
    })
      .split('\n')
      .filter((path) => /\.(ts|tsx|mjs|js|sh)$|postinst|prerm|preinst/.test(path));
    const read = files.flatMap((path) => [
      ...readFileSync(join(root, path), 'utf8').matchAll(/(?:env\.|environment\.|\$\{?)(GOSHAWK_[A-Z_]+)/g),
    ]);
    const names = new Set(read.map(([, name]) => name));
    expect(names.size).toBeGreaterThan(5);
    for (const name of names) expect(otherVariables).toContain(name);
  });
});
