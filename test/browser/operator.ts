import type { Locator, Page } from 'playwright-core';

/** What a person does in one task. */
export interface Effort {
  /** Presses of the pointer, those on a picture too. */
  readonly clicks: number;
  /** Fields that were filled in, and lists from which something was chosen. */
  readonly fields: number;
}

/** A person before the page, whose clicks are counted: by the page, as they arrive. */
export class Operator {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Before the first page is opened. */
  static async count(page: Page): Promise<void> {
    await page.addInitScript(() => {
      const effort = { clicks: 0, fields: new Set<EventTarget | null>() };
      Object.assign(globalThis, { effort });
      // Not while it is captured: a click that its driver takes back, as the page moved below it, does not count.
      addEventListener('pointerdown', ({ isTrusted }) => isTrusted && effort.clicks++);
      for (const kind of ['input', 'change'])
        addEventListener(
          kind,
          ({ target }) => {
            const field = target as HTMLInputElement;
            if (field.type !== 'checkbox' && field.type !== 'radio') effort.fields.add(target);
          },
          true,
        );
    });
  }

  /** What was done since the last time. */
  async effort(): Promise<Effort> {
    return this.page.evaluate(() => {
      const { effort } = globalThis as unknown as { effort: { clicks: number; fields: Set<unknown> } };
      const { clicks, fields } = effort;
      const done = { clicks, fields: fields.size };
      effort.clicks = 0;
      fields.clear();
      return done;
    });
  }

  /** A page of the bar at the top. */
  go(name: string): Promise<void> {
    return this.page.locator('.nav').getByRole('link', { name }).click();
  }

  press(name: string | RegExp, within: Page | Locator = this.page): Promise<void> {
    return within
      .getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
      .first()
      .click();
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** In the corner, when it is done. */
  told(text: string | RegExp): Promise<void> {
    return this.page.locator('.notice', { hasText: text }).first().waitFor();
  }
}
