// The system's own font: no font file travels with the pages.
export { default } from 'vitepress/theme-without-fonts';
