import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram, everyCommand } from '../../../../src/cli/program.ts';
import { commandNodes, manualPage } from '../../../../src/cli/shell/index.ts';

const facts = { version: '1.2.3', date: '2026-11-25' };

describe('The manual page', () => {
  it('has every command', () => {
    const page = manualPage(commandNodes(createProgram()), facts);
    const titles = page.split('\n').filter((line) => line.startsWith('.SS'));
    const leaves = everyCommand(createProgram()).filter(({ commands }) => commands.length === 0);
    expect(leaves.length).toBeGreaterThan(20);
    for (const command of leaves.filter((item) => item.name() !== 'help')) {
      const name = command.name().replaceAll('-', '\\-');
      expect(titles.filter((title) => title.includes(` ${name}`))).not.toEqual([]);
    }
  });

  it('keeps what would be a request of roff a text', () => {
    const root = new Command('goshawk').description('A program.');
    root
      .command('run')
      .description('.so is no request')
      .option('--a-b <x>', '\'quoted\' with \\n and "marks"');
    const page = manualPage(commandNodes(root), facts);
    expect(page).toContain('\\&.so is no request.');
    expect(page).toContain('.B \\-\\-a\\-b <x>');
    expect(page).toContain("\\&'quoted' with \\en and \\(dqmarks\\(dq");
  });
});
