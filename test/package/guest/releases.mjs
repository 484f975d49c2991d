/* What the chapters on releases of the agent share. */
import { existsSync, readFileSync } from 'node:fs';
import { ask, must } from './kit.mjs';

export const token = () => readFileSync('/var/lib/goshawk-controller/admin.token', 'utf8').trim();
export const goshawk = (words) => must(`GOSHAWK_TOKEN=${token()} goshawk ${words}`);
export const name = 'goshawk-agent-amd64';
export const version = () => must(`dpkg-query -W -f '\${Version}' goshawk-agent`);
export const slot = async () => (await ask('devices/board-7')).reported?.slots?.agent;
const file = '/var/lib/goshawk-update/status';
export const status = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
export const helperState = () => /^state=(.*)$/m.exec(status())?.[1] ?? 'idle';
