import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    env: {
      ...process.env,
      GOSHAWK_CHECK_PATIENCE: '0',
      ...environment,
      PATH: `${folder}:${environment.PATH ?? process.env.PATH}`,
    },
  });
}

/** A node whose parameters are files: `param get` as ros2 prints it, `param set` and a note of each; a `sleep` that does not. */
const parameters = `case "$1 $2" in
  'param get') case $4 in use_sim_time) kind=Boolean ;; *) kind=Double ;; esac
    [ -e "$P/$4" ] && echo "$kind value is: $(cat "$P/$4")" ;;
  'param set') echo "$4 $5" >> "$P/sets"
    if [ "$4 $5" = "\${REFUSED:-}" ] && [ ! -e "$P/refused" ]; then touch "$P/refused"; echo no; exit 1; fi
    echo "$5" > "$P/$4"; echo Set parameter successful ;;
  'topic echo') case "$*" in *parameter_events) echo iou_threshold ;; esac ;;
  'param dump') echo dumped ;;
  'param load') cat "$4" > "$P/loaded"; echo Set parameter classes successful ;;
  *) exit 1 ;;
esac`;

function checkParameters(before: Record<string, string>, environment: Record<string, string> = {}) {
  const [folder, temporary] = [temporaryFolder(), temporaryFolder()];
  for (const [name, value] of Object.entries(before)) writeFileSync(path.join(folder, name), `${value}\n`);
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
  const PATH = `${bin}:${process.env.PATH}`;
  const { stdout } = checkIn({ P: folder, TMPDIR: temporary, PATH, ...environment }, parameters);
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8').trim();
  return { stdout, read, left: readdirSync(temporary) };
}

describe('deploy/ros2/check.sh, beside a daemon of ros2 that has just started,', () => {
  // Knows the node when it is asked for the third time.
  const late = `case "$1 $2" in
  'daemon start') echo started >> "$P/asked" ;;
  'node info') echo info >> "$P/asked"
    [ "$(wc -l < "$P/asked")" -gt 3 ] && echo '/goshawk/detections: vision_msgs/msg/Detection2DArray' ;;
  *) echo nothing; exit 1 ;;
esac`;

  it('waits until it knows the node, before it asks', () => {
    const P = temporaryFolder();
    const { stdout } = checkIn({ P, GOSHAWK_CHECK_PATIENCE: '600' }, late);
    expect(stdout).toContain('pass  its topics are');
    expect(readFileSync(path.join(P, 'asked'), 'utf8').split('\n')[0]).toBe('started');
  });

  it('asks at last also where it never knows it', () => {
    const { stdout, status } = checkIn({}, 'exit 1');
    expect(stdout).toContain('FAIL  its topics are');
    expect(status).toBe(1);
  });
});

describe('deploy/ros2/check.sh, of a node that it changes,', () => {
  it.each([
    ['0.7', 'True', '0.5'],
    ['0.5', 'False', '0.4'],
  ])('leaves iou_threshold %s and use_sim_time %s as they were, and no file', (iou, sim, other) => {
    const { stdout, read, left } = checkParameters({ iou_threshold: iou, use_sim_time: sim });
    expect(read('iou_threshold')).toBe(iou);
    expect(read('use_sim_time')).toBe(sim);
    expect(read('sets').split('\n')).toEqual([
      ...[`iou_threshold ${iou}`, 'iou_threshold 1.5', `iou_threshold ${other}`, `iou_threshold ${iou}`],
      ...['use_sim_time true', `use_sim_time ${sim}`],
    ]);
    expect(stdout).toContain('pass  and loaded again');
    expect(read('loaded')).toBe('dumped');
    expect(left).toEqual([]);
  });

  it('sets back at its end what could not be set back before', () => {
    const { stdout, read } = checkParameters(
      { iou_threshold: '0.7', use_sim_time: 'True' },
      { REFUSED: 'use_sim_time True' },
    );
    expect(stdout).toContain('FAIL  and set back');
    expect(read('use_sim_time')).toBe('True');
  });

  it.each([
    ['that cannot be read', {}],
    ['that would be a command of its own', { iou_threshold: '1; touch x', use_sim_time: '$(touch x)' }],
  ])('changes none %s', (_, before) => {
    const { stdout, read } = checkParameters(before);
    expect(read('sets').split('\n')).toEqual(['iou_threshold ', 'iou_threshold 1.5']);
    expect(stdout).toContain('skip  who listens hears of a change');
    expect(stdout).toContain('skip  simulated time');
  });
});

describe('deploy/ros2/check.sh', () => {
  it('fails without an answer, and names the request', () => {
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

  it('is asked whole in the table of docs/evidence/ros2-commands.md', () => {
    const { stdout } = check('exit 1', '--list', '/goshawk', 'street-lean', '1.0.0');
    const page = readFileSync(
      path.join(import.meta.dirname, '../../../docs/evidence/ros2-commands.md'),
      'utf8',
    );
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
