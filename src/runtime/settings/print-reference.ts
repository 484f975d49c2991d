import { settingsReference } from './reference.ts';

process.stdout.write(settingsReference());
