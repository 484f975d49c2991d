const _imports_0 = "/docs/assets/system.BwvY3fFL.svg";
export {
  _imports_0 as _
};
