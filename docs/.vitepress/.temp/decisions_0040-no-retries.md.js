import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A failed test is not tried again","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0040-no-retries.md","filePath":"decisions/0040-no-retries.md"}');
const _sfc_main = { name: "decisions/0040-no-retries.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-failed-test-is-not-tried-again" tabindex="-1">A failed test is not tried again <a class="header-anchor" href="#a-failed-test-is-not-tried-again" aria-label="Permalink to &quot;A failed test is not tried again&quot;">​</a></h1><p>Area: project. Commit: <code>53b428a</code>.</p><p><strong>Context.</strong> Tests with real processes share two cores and lost a race now and then. A retry on CI made that invisible.</p><p><strong>Decision.</strong> <code>retry</code> is 0 everywhere. A test waits for what happens, with a generous bound, and not for a time. Interoperation tests at 30 Hz have the machine to themselves (47db7bb).</p><p><strong>Consequences.</strong> A flaky test is a bug of the test or of the product, and somebody has to find it.</p><p><strong>Tried and measured.</strong> The fleet suites had been switched off because they hung (0705baa); the cause was real: a health watch kept the agent&#39;s process alive (3a443e6).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0040-no-retries.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0040NoRetries = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0040NoRetries as default
};
