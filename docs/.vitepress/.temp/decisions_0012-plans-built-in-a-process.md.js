import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Plans are built in a process of their own","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0012-plans-built-in-a-process.md","filePath":"decisions/0012-plans-built-in-a-process.md"}');
const _sfc_main = { name: "decisions/0012-plans-built-in-a-process.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="plans-are-built-in-a-process-of-their-own" tabindex="-1">Plans are built in a process of their own <a class="header-anchor" href="#plans-are-built-in-a-process-of-their-own" aria-label="Permalink to &quot;Plans are built in a process of their own&quot;">​</a></h1><p>Area: engines. Commit: <code>fd1c177</code>.</p><p><strong>Context.</strong> Building a plan takes minutes and gigabytes. In the agent&#39;s process it can&#39;t be ended, and when memory runs out the kernel ends the agent.</p><p><strong>Decision.</strong> <code>native/build-plan.mjs</code> is started as a process that asks to be ended first (<code>oom_score_adj</code>). It prints progress as JSON lines. When memory runs out it is started again with half of the workspace.</p><p><strong>Consequences.</strong> A build can be cancelled at any time, a crash in the builder costs a build and not the agent, and peak memory is measured. The workspace in the key is the most that is ever asked for, because what a build gets depends on the memory that is free.</p><p><strong>Tried and measured.</strong> Tests: progress, cancel, less memory, crash (<code>plan-builder.test.ts</code>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0012-plans-built-in-a-process.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0012PlansBuiltInAProcess = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0012PlansBuiltInAProcess as default
};
