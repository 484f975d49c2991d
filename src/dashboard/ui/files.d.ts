declare module '*.css';
declare module 'world-atlas/countries-110m.json' {
  const countries: object;
  export default countries;
}
