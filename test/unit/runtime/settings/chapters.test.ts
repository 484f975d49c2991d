import { describe, expect, it } from 'vitest';
import { AgentSettings } from '../../../../src/runtime/settings/agent.ts';
import {
  agentChapters,
  controllerChapters,
  describeChapters,
} from '../../../../src/runtime/settings/chapters.ts';
import { ControllerSettings } from '../../../../src/runtime/settings/controller.ts';
import { describeSettings } from '../../../../src/runtime/settings/describe.ts';

describe.each([
  ['an agent', AgentSettings, agentChapters],
  ['a controller', ControllerSettings, controllerChapters],
] as const)('The chapters of the settings of %s', (_, schema, chapters) => {
  const described = describeChapters(schema, chapters);

  it('have every setting once', () => {
    const lines = described.flatMap((chapter) => chapter.lines);
    expect([...lines].sort()).toEqual(describeSettings(schema).sort());
  });

  it('leave no setting over, and none is empty', () => {
    expect(described.map(({ title }) => title)).toEqual(chapters.map(({ title }) => title));
    expect(described.filter(({ lines }) => lines.length === 0)).toEqual([]);
  });

  it('name at most six settings to change first, each of the chapter', () => {
    for (const { title, first, lines } of described) {
      const paths = lines.map((line) => line.slice(0, line.indexOf(': ')));
      expect(
        first.filter((path) => !paths.includes(path)),
        title,
      ).toEqual([]);
      expect(first.length, title).toBeLessThanOrEqual(6);
      expect(first.length, title).toBeGreaterThan(0);
    }
  });
});
