// Around: yaml

export { readYaml } from './read-yaml.ts';
