import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { violationsOn } from './accessibility.ts';

/** Where pictures of the pages are left for a person to look at. */
const shots = process.env.DASHBOARD_PICTURES;

const widths = [390, 1280, 1920] as const;
const usual = { width: 1440, height: 900 };

/**
 * The page as it is now, or its dialog, on a phone, a laptop and a large screen, light and dark: nothing of it is cut off, sticks
 * out or lies over something else, and axe-core finds nothing.
 */
export async function picture(page: Page, name: string): Promise<void> {
  const wrong: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      if (shots === undefined && colorScheme === 'dark' && width !== 1280) continue;
      // Charts and maps follow the width with the next frames.
      await page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      if (colorScheme === 'light')
        wrong.push(...(await settledCuts(page)).map((one) => `${name} at ${width}: ${one}`));
      if (width === 1280 || (width === 390 && colorScheme === 'light'))
        wrong.push(...(await violationsOn(page)).map((one) => `${name} at ${width}, ${colorScheme}: ${one}`));
      if (shots === undefined) continue;
      mkdirSync(shots, { recursive: true });
      await page.waitForTimeout(300);
      await page.screenshot({
        path: join(shots, `${name}-${width}-${colorScheme}.png`),
        fullPage: width === 390 && (await page.locator('dialog[open]').count()) === 0,
      });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(usual);
  expect(wrong).toEqual([]);
}

/** On a full machine a page follows its new width late: what stays cut is. */
async function settledCuts(page: Page): Promise<string[]> {
  let cut = await cutOn(page);
  for (const until = Date.now() + 10_000; cut.length > 0 && Date.now() < until; cut = await cutOn(page))
    await page.waitForTimeout(250);
  return cut;
}

/** What is cut off, sticks out of the window or lies over another text or control, in words; of an open dialog alone where there is one. */
async function cutOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    const root = document.querySelector('dialog[open]') ?? document.body;
    const nameOf = (one: Element) => {
      const words = (one.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 60);
      return `<${one.localName}${one.className && typeof one.className === 'string' ? ` class="${one.className}"` : ''}> ${words}`;
    };
    const shown = [...root.querySelectorAll('*')].filter(
      (one) =>
        one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
        one.closest('svg, .leaflet-container, .skip, video') === null,
    );
    // For a screen reader alone.
    const unseen = (one: Element) => {
      for (let above: Element | null = one; above !== null && above !== root; above = above.parentElement)
        if (getComputedStyle(above).clipPath !== 'none') return true;
      return false;
    };
    const all = shown.filter((one) => !unseen(one));
    // What scrolls sideways on purpose.
    const scrolls = (one: Element) => one.closest('.nav, .scroll-x, .log-lines, pre') !== null;
    const pageOver = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (pageOver > 0) wrong.push(`the page is ${pageOver} px too wide`);
    const edge = root.getBoundingClientRect();
    const right = root === document.body ? innerWidth : edge.right;
    const left = root === document.body ? 0 : edge.left;
    for (const one of all) {
      const area = one.getBoundingClientRect();
      if (area.width === 0 || area.height === 0) continue;
      const style = getComputedStyle(one);
      if ((area.right > right + 1 || area.left < left - 1) && !scrolls(one))
        wrong.push(`sticks out: ${nameOf(one)}`);
      const hides = style.overflowX !== 'visible' || one.matches('button, select');
      const isCut = one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
      const isTold = style.textOverflow === 'ellipsis' && one.closest('[title]') !== null;
      if (hides && isCut && !isTold && !scrolls(one) && !one.matches('input, textarea, html, body'))
        wrong.push(`is cut: ${nameOf(one)}`);
      // On a phone a table becomes cards.
      if (innerWidth < 500 && one.matches('.scroll-x') && isCut)
        wrong.push(`scrolls sideways: ${nameOf(one)}`);
      const arrow = one instanceof HTMLSelectElement ? 14 : 0;
      const words =
        one instanceof HTMLSelectElement
          ? one.selectedOptions[0]?.textContent?.trim()
          : one instanceof HTMLInputElement && one.value === ''
            ? one.placeholder
            : undefined;
      if (words !== undefined) {
        const pen = document.createElement('canvas').getContext('2d')!;
        pen.font = style.font;
        const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrow;
        if (pen.measureText(words).width > room + 2) wrong.push(`its words are cut: ${words}`);
      }
    }
    // Texts and controls, each by what is seen of it.
    const fixed = (one: Element) => {
      for (let above: Element | null = one; above !== null && above !== root; above = above.parentElement)
        if (['fixed', 'sticky'].includes(getComputedStyle(above).position)) return true;
      return false;
    };
    const spots: { readonly one: Element; readonly area: DOMRect }[] = [];
    for (const one of all) {
      // A menu that is open lies over what is below it.
      if (fixed(one) || one.closest('.check-list') !== null) continue;
      if (one.matches('input, select, button')) spots.push({ one, area: one.getBoundingClientRect() });
      for (const node of one.childNodes) {
        if (node.nodeType !== Node.TEXT_NODE || (node.textContent ?? '').trim() === '') continue;
        if (one.matches('option, select, canvas')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const area of range.getClientRects()) spots.push({ one, area });
      }
    }
    const clip = ({ one, area }: (typeof spots)[number]) => {
      let { left: x1, top: y1, right: x2, bottom: y2 } = area;
      for (
        let above: Element | null = one;
        above !== null && above !== document.body;
        above = above.parentElement
      ) {
        if (getComputedStyle(above).overflowX === 'visible') continue;
        const box = above.getBoundingClientRect();
        [x1, y1] = [Math.max(x1, box.left), Math.max(y1, box.top)];
        [x2, y2] = [Math.min(x2, box.right), Math.min(y2, box.bottom)];
      }
      return { one, x1, y1, x2, y2 };
    };
    const seen = spots.map(clip).filter(({ x1, x2, y1, y2 }) => x2 - x1 > 2 && y2 - y1 > 2);
    seen.sort((a, b) => a.y1 - b.y1);
    for (const [at, a] of seen.entries())
      for (let next = at + 1; next < seen.length; next += 1) {
        const b = seen[next]!;
        if (b.y1 > a.y2 - 3) break;
        const over = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) > 3 && Math.min(a.y2, b.y2) - b.y1 > 3;
        if (!over || a.one.contains(b.one) || b.one.contains(a.one)) continue;
        wrong.push(`${nameOf(a.one)} lies over ${nameOf(b.one)}`);
      }
    return [...new Set(wrong)].slice(0, 12);
  });
}

/** Drags over a plot from 30 to 60 % of its width, wherever the plot is meanwhile: panels above it may grow. */
export async function dragAcross(plot: Locator): Promise<void> {
  const { width } = (await plot.boundingBox())!;
  await plot.dragTo(plot, {
    sourcePosition: { x: width * 0.3, y: 40 },
    targetPosition: { x: width * 0.6, y: 40 },
    steps: 4,
  });
}
