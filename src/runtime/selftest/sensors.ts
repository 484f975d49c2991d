import { readFile } from 'node:fs/promises';
import { SystemMachine } from '../../adapters/system/index.ts';
import { runProgram } from './programs.ts';
import { absent, attempt, fails, type Trial, works } from './trial.ts';

/** Before the project's first day: a clock that says so was never set. */
const earliestMs = Date.UTC(2026, 0, 1);
const tooHotCelsius = 95;

/** What the board measures of itself, and its clock. */
export async function trySensors(root = '/'): Promise<readonly Trial[]> {
  const machine = new SystemMachine(root);
  try {
    return (
      await Promise.all([
        attempt('sensors', 'thermal', () => thermal(machine)),
        attempt('sensors', 'power', () => power(machine)),
        attempt('sensors', 'power mode', () => powerMode(machine)),
        attempt('sensors', 'clock', clock),
        attempt('sensors', 'memory', memory),
      ])
    ).flat();
  } finally {
    machine.close();
  }
}

async function thermal(machine: SystemMachine): Promise<Trial> {
  const { temperatures } = await machine.readBoard();
  if (temperatures.length === 0) {
    return absent(
      'sensors',
      'thermal',
      'the kernel shows no zone',
      'On a virtual machine you need to do nothing.',
    );
  }
  const hottest = temperatures.reduce((a, b) => (b.celsius > a.celsius ? b : a));
  const words = `${temperatures.length} zones, hottest ${hottest.zone} at ${hottest.celsius.toFixed(1)} °C`;
  const figures = { hottestCelsius: hottest.celsius };
  return hottest.celsius < tooHotCelsius
    ? works('sensors', 'thermal', words, figures)
    : fails(
        'sensors',
        'thermal',
        words,
        'Cool it: the board throttles, and figures here are too low.',
        figures,
      );
}

async function power(machine: SystemMachine): Promise<Trial> {
  const { power: rails } = await machine.readBoard();
  if (rails.length === 0) {
    return absent(
      'sensors',
      'power',
      'no rail is measured',
      'You need to do nothing: only a Jetson has an INA3221.',
    );
  }
  const words = rails.map(({ rail, watts }) => `${rail} ${watts.toFixed(1)} W`).join(', ');
  return works('sensors', 'power', words, Object.fromEntries(rails.map(({ rail, watts }) => [rail, watts])));
}

async function powerMode(machine: SystemMachine): Promise<Trial> {
  const { powerMode: mode } = await machine.board();
  return mode === undefined
    ? absent(
        'sensors',
        'power mode',
        'no nvpmodel',
        'On machines other than a Jetson you need to do nothing.',
      )
    : works('sensors', 'power mode', mode);
}

/** Certificates, events and ROS stamps need a clock that was set. */
async function clock(): Promise<Trial> {
  if (Date.now() < earliestMs) {
    return fails(
      'sensors',
      'clock',
      `it says ${new Date().toISOString()}: it was never set`,
      'Let it reach a time server (systemd-timesyncd, chrony), or give it a battery.',
    );
  }
  const ran = await runProgram('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (ran === undefined || ran.code !== 0) {
    return works('sensors', 'clock', 'it was set; whether it is kept by a time server is not told here');
  }
  return ran.stdout.trim() === 'yes'
    ? works('sensors', 'clock', 'kept by a time server')
    : fails(
        'sensors',
        'clock',
        'no time server keeps it',
        'sudo timedatectl set-ntp true; where there is no network, name a server in /etc/systemd/timesyncd.conf.',
      );
}

async function memory(): Promise<Trial> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024);
  const figures = { availableMB: megabytes('MemAvailable'), swapMB: megabytes('SwapFree') };
  const words = `${figures.availableMB} MB available, ${figures.swapMB} MB of swap free`;
  return figures.availableMB >= 500
    ? works('sensors', 'memory', words, figures)
    : fails(
        'sensors',
        'memory',
        words,
        'Stop something else: an engine and its build need hundreds of MB.',
        figures,
      );
}
