import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { titled } from '../../conformance/native-build.ts';
import { BoardRoot, commandOf, noBoardRoot } from '../../fixtures/board-root.ts';
import { projectRoot, start } from '../goshawk.ts';

const built = existsSync(join(projectRoot, 'dist/src/cli/main.js')) ? undefined : 'the program is not built';
const missing = built ?? noBoardRoot;

/** Starts a command, waits for a word of it, reloads and stops it, as systemd would; ends as the command does. */
const lives = `word=$1 reload=$2
shift 2
"$@" >/log 2>&1 &
MAINPID=$!
export MAINPID
# A net of 100 s.
left=1000
until grep -q -e "$word" /log || [ "$left" = 0 ]; do kill -0 "$MAINPID" || break; sleep 0.1; left=$((left - 1)); done
sh -c "$reload"
until grep -q -e "were read again" /log || [ "$left" = 0 ]; do kill -0 "$MAINPID" || break; sleep 0.1; left=$((left - 1)); done
kill -TERM "$MAINPID"
wait "$MAINPID"
status=$?
cat /log
exit "$status"`;

/** What is in the package, at the places of the package. */
function installed(name: string): Record<string, string> {
  const at = (path: string) => `/usr/lib/${name}/${path}`;
  const same = ['dist', 'node_modules', 'models', 'native', 'package.json'];
  return {
    [at('bin/node')]: process.execPath,
    ...Object.fromEntries(same.map((path) => [at(path), join(projectRoot, path)])),
  };
}

describe.skipIf(missing !== undefined)(titled('The unit', missing), () => {
  function live(name: string, service: string, settings: object, word: string) {
    const unit = readFileSync(join(projectRoot, 'deploy/systemd', `${name}.service`), 'utf8');
    const board = new BoardRoot();
    board.write('log', '');
    board.write(`etc/goshawk/${service}.json`, JSON.stringify({ dataDir: `/var/lib/${name}`, ...settings }));
    board.write(`usr/lib/${name}/here`, '');
    const [, , reload = ''] = commandOf(unit, 'ExecReload');
    const ran = board.run(['/bin/sh', '-c', lives, 'sh', word, reload, ...commandOf(unit)], {
      bound: installed(name),
    });
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain(word);
    expect(ran.stdout).toContain('were read again');
  }

  it('goshawk-agent.service starts, reloads and stops the agent', () => {
    const settings = {
      device: 'unit',
      broker: { url: 'mqtt://127.0.0.1:1' },
      cameras: { a: { source: 'sim' } },
    };
    const model = '/usr/lib/goshawk-agent/models/street';
    live('goshawk-agent', 'agent', { ...settings, model }, 'unit runs');
  });

  it('goshawk-controller.service starts, reloads and stops the controller', async () => {
    const broker = start('broker', 'run', '--port', '0');
    onTestFinished(() => void broker.kill());
    let said = '';
    broker.stdout?.on('data', (chunk) => (said += chunk));
    await expect.poll(() => said).toMatch(/mqtt:\/\/[^:]+:[1-9]/);
    const [url] = /mqtt:\/\/\S+:\d+/.exec(said) ?? [];
    live('goshawk-controller', 'controller', { broker: { url }, http: { port: 0 } }, 'http://');
  });

  it('goshawk-reboot.service takes the request away before it restarts the board, and restarts none that stays', () => {
    const unit = readFileSync(join(projectRoot, 'deploy/systemd/goshawk-reboot.service'), 'utf8');
    const request = 'var/lib/goshawk-agent/reboot';
    const reboot = (lay: (board: BoardRoot) => void) => {
      const board = new BoardRoot();
      board.program('systemctl', '[ -e /var/lib/goshawk-agent/reboot ] || echo gone');
      lay(board);
      return { ...board.run(commandOf(unit)), calls: board.calls() };
    };
    expect(reboot((board) => board.write(request, ''))).toMatchObject({
      ...{ code: 0, stdout: 'gone\n', calls: ['systemctl --no-block reboot'] },
    });
    const stays = reboot((board) => board.write(`${request}/full`, ''));
    expect(stays.code).not.toBe(0);
    expect(stays.calls).toEqual([]);
  });
});
