// Around: yaml

export { type PlacedYaml, readPlacedYaml } from './placed-yaml.ts';
export { readYaml } from './read-yaml.ts';
