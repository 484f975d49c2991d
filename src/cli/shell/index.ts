export { completionScript, type Shell, shells } from './completion.ts';
export { type ManualFacts, manualPage } from './manual.ts';
export { type CommandNode, commandNodes } from './tree.ts';
