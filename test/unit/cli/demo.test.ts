import { expect, test } from 'vitest';
import { startedLines } from '../../../src/cli/commands/demo.ts';

const place = { dashboard: 'http://127.0.0.1:40123/#token=x', controller: 'http://127.0.0.1:40123' };

test('the demo says that it took another port, and where the token of its admin is', () => {
  expect(startedLines({ ...place, portInUse: 8080, adminTokenFile: '/d/admin.token' })).toEqual([
    'Port 8080 is in use by another program; the dashboard has a free one.',
    `Dashboard: ${place.dashboard}`,
    "That signs in as an operator; the admin's token is in /d/admin.token",
    'Two devices watch a simulated street. Ctrl+C ends everything.',
  ]);
  expect(startedLines(place)).toHaveLength(2);
});
