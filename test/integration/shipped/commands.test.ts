import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { BoardRoot, noBoardRoot } from '../../fixtures/board-root.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { projectRoot } from '../goshawk.ts';

/** A shipped file by its own first line, with stand-ins first on the PATH and nothing else of the environment of the test. */
function run(file: string, args: readonly string[], programs: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const calls = join(folder, 'calls');
  for (const [name, text] of Object.entries(programs)) {
    const body = `#!/bin/sh\necho "${name} $*" >>"${calls}"\n${text}\n`;
    writeFileSync(join(bin, name), body, { mode: 0o755 });
  }
  // As npm lays a command down.
  const command = join(folder, 'command');
  symlinkSync(join(projectRoot, file), command);
  const ran = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: folder },
    // A net for what never ends.
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  expect(ran.error, ran.stderr).toBeUndefined();
  return { ...ran, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [] };
}

describe('deploy/ros2/check.sh, as it is shipped,', () => {
  it('asks a node everything, and fails where it answers nothing', () => {
    const ros2 = 'test "$1 $2" = "node info" || { echo nothing; exit 1; }';
    const ran = run('deploy/ros2/check.sh', [], { ros2, sleep: 'exit 0' });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain('FAIL  the node is seen: ros2 node list');
    expect(ran.calls).toContain('ros2 service call /goshawk/reload std_srvs/srv/Trigger');
    expect(ran.stderr).toBe('');
  });

  it('says where ros2 is not on the PATH', () => {
    const sh = 'command -v ros2';
    if (spawnSync('sh', ['-c', sh]).status === 0) return;
    expect(run('deploy/ros2/check.sh', [])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('setup.bash'),
    });
  });
});

describe('deploy/ros2/goshawk_ros/scripts/goshawk_node, as it is shipped,', () => {
  it('is `goshawk run`, with every argument', () => {
    const args = ['--model', 'a b', '--ros-args', '-r', '__ns:=/robot1'];
    const ran = run('deploy/ros2/goshawk_ros/scripts/goshawk_node', args, { goshawk: 'exit 7' });
    expect(ran.status).toBe(7);
    expect(ran.calls).toEqual(['goshawk run --publish ros --model a b --ros-args -r __ns:=/robot1']);
  });
});

describe('deploy/launcher/goshawk.cjs, as npm lays it down,', () => {
  it.runIf(existsSync(join(projectRoot, 'dist/src/cli/main.js')))('is the program', () => {
    const ran = run('deploy/launcher/goshawk.cjs', ['--version']);
    expect(ran, ran.stderr).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe.skipIf(noBoardRoot !== undefined)(
  titled('The recipes of models/street, as they are shipped,', noBoardRoot),
  () => {
    /** Two hours of training are stand-ins that make the folder that they are asked for. */
    function recipe(name: string, steps: RegExp) {
      const board = new BoardRoot();
      const text = readFileSync(join(projectRoot, 'models/street', name), 'utf8');
      board.write(`srv/goshawk/models/street/${name}`, text, 0o755);
      board.program('node', 'for last in "$@"; do :; done\ncase $last in *.part) mkdir -p "$last" ;; esac');
      board.inPlaceOf('python3');
      const ran = board.run([`/srv/goshawk/models/street/${name}`]);
      expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: '' });
      expect(board.calls().join('\n')).toMatch(steps);
      return board.calls();
    }

    it('chain.sh goes from pictures to a pruned and quantized bundle', () => {
      const calls = recipe(
        'chain.sh',
        /python3 train\.py .*python3 models\/recovery\/recover\.py .*--name street-lean/s,
      );
      expect(calls.filter((call) => call.includes('render.ts'))).toHaveLength(13);
    });

    it('train.sh goes from pictures to a network', () => {
      recipe('train.sh', /render\.ts .*python3 train\.py /s);
    });
  },
);
