import type { Page } from 'playwright-core';
import { FleetServer } from '../../src/adapters/fastify/index.ts';
import { SystemClock } from '../../src/adapters/system/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { admin } from '../fakes/test-fleet.ts';
import type { RolloutFleet } from '../unit/controller/rollouts/rollout-fleet.ts';
import type { dashboardBrowser } from './browser.ts';

const viewport = { width: 1440, height: 1000 };

/** The page Rollouts of a controller with fake devices, signed in. */
export class RolloutDashboard {
  readonly page: Page;
  /** Of the page: what a clean one never has. */
  readonly faults: readonly string[];
  readonly #server: FleetServer;

  private constructor(server: FleetServer, page: Page, faults: readonly string[]) {
    this.#server = server;
    this.page = page;
    this.faults = faults;
  }

  static async open(
    { fleet }: RolloutFleet,
    browser: ReturnType<typeof dashboardBrowser>,
    role: 'operator' | 'viewer' = 'operator',
  ): Promise<RolloutDashboard> {
    const server = new FleetServer(
      {
        controller: fleet.controller,
        metrics: {
          ...{ contentType: 'text/plain', text: async () => '' },
          ...{ answered: () => undefined, streamsOpen: () => undefined, streamed: () => undefined },
        },
        clock: new SystemClock(),
        log: silentLog,
      },
      { host: '127.0.0.1', port: 0, dashboard: browser.folder, version: '0' },
    );
    const url = await server.listen();
    const { token } = await fleet.controller.access.createToken(admin, { name: 'bob', role });
    const { page, faults } = await browser.open({ viewport });
    await page.goto(`${url}/#token=${token}&to=${encodeURIComponent('/rollouts')}`);
    return new RolloutDashboard(server, page, faults);
  }

  async close(): Promise<void> {
    await this.page.context().close();
    await this.#server.close();
  }
}
