import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeHashes } from '../../../src/ros2/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const script = path.join(import.meta.dirname, '../../../deploy/ros2/check.sh');

/** The script beside a `ros2` of ours, which gives these answers to everything. */
function check(ros2: string, ...args: readonly string[]) {
  return checkWithin('15', ros2, ...args);
}

function checkWithin(seconds: string, ros2: string, ...args: readonly string[]) {
  return checkIn({ GOSHAWK_CHECK_SECONDS: seconds, ROS_DISTRO: 'jazzy' }, ros2, ...args);
}

function checkIn(environment: Record<string, string>, ros2: string, ...args: readonly string[]) {
  const folder = temporaryFolder();
  const tool = path.join(folder, 'ros2');
  writeFileSync(tool, `#!/bin/sh\n${ros2}\n`);
  chmodSync(tool, 0o755);
  return spawnSync('sh', [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment, PATH: `${folder}:${process.env.PATH}` },
  });
}

describe('deploy/ros2/check.sh', () => {
  it('fails where nobody answers, and says what was asked', () => {
    const { status, stdout } = check('echo nothing here; exit 1');
    expect(status).toBe(1);
    expect(stdout).not.toContain('pass');
    expect(stdout).toContain('FAIL  the node is seen: ros2 node list\n      nothing here');
  });

  it('passes a line whose answer has the words, and only that one', () => {
    const { status, stdout } = check('test "$1 $2" = "node list" && echo /other && echo /eyes', '/eyes');
    expect(status).toBe(1);
    expect(stdout.match(/^pass .*$/gm)).toEqual(['pass  the node is seen']);
  });

  it('tells an answer that did not come in time from a wrong one', () => {
    const slow = 'test "$1 $2" = "node list" || exit 1\necho /goshawk; sleep 60';
    const { stdout } = checkWithin('0.2', slow);
    expect(stdout).toContain(
      'FAIL  the node is seen (not done after 0.2 s; GOSHAWK_CHECK_SECONDS is the limit)',
    );
  });

  it('asks a Humble for no hashes of types, which it does not have', () => {
    const asked = (release: string) => checkIn({ ROS_DISTRO: release }, 'exit 1', '--list').stdout;
    expect(asked('jazzy')).toContain('RIHS01_');
    expect(asked('humble')).not.toContain('RIHS01_');
    expect(asked('humble').split('\n').length).toBe(asked('jazzy').split('\n').length - 2);
  });

  it('prints a table whose cells no answer and no command breaks', () => {
    const { status, stdout } = check(
      'test "$1 $2" = "node list" && echo /goshawk || { echo "a | b"; exit 1; }',
      '--table',
    );
    expect(status).toBe(1);
    const rows = stdout.trim().split('\n');
    expect(rows[2]).toBe('| the node is seen | `ros2 node list` | pass |');
    expect(rows[3]).toBe('| its topics are | `ros2 node info /goshawk` | **FAIL**: a \\| b |');
    for (const row of rows) expect(row.replaceAll(String.raw`\|`, '').match(/\|/g)).toHaveLength(4);
  });

  it('is asked whole in the table of docs/ros2-commands.md', () => {
    const { stdout } = check('exit 1', '--list', '/goshawk', 'street-lean', '1.0.0');
    const page = readFileSync(path.join(import.meta.dirname, '../../../docs/ros2-commands.md'), 'utf8');
    const asked = stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf(': ')));
    expect([...page.matchAll(/^\| (?!what \||---)(.*?) \| `/gm)].map(([, what]) => what)).toEqual(asked);
  });

  it('asks for the hash that we announce, and names all that it asks', () => {
    const { status, stdout } = check('exit 1', '--list');
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(37);
    const { 'vision_msgs/msg/Detection2DArray': hash } = typeHashes;
    const listed = spawnSync('cat', [script], { encoding: 'utf8' }).stdout;
    expect(listed).toContain(hash.slice(0, 19));
  });
});
