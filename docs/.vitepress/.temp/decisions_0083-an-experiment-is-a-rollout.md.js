import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"An experiment is a rollout","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0083-an-experiment-is-a-rollout.md","filePath":"decisions/0083-an-experiment-is-a-rollout.md"}');
const _sfc_main = { name: "decisions/0083-an-experiment-is-a-rollout.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="an-experiment-is-a-rollout" tabindex="-1">An experiment is a rollout <a class="header-anchor" href="#an-experiment-is-a-rollout" aria-label="Permalink to &quot;An experiment is a rollout&quot;">​</a></h1><p>Area: rollouts. Commit: <code>b54ddf9</code>.</p><p><strong>Context.</strong> Two versions at once had two shapes. By camera a slot of a device or group had a share, with commands, a promotion and a page of its own. By device two rollouts named parts of one division, and a third promoted one of them. Each compared by code of its own, and neither had the waves, windows, budgets, approval and ways back of the other.</p><p><strong>Decision.</strong> The policy of a rollout may have an <code>experiment</code>, by camera or by device. Its waves are B and everybody; between them it is <code>comparing</code> until a person promotes it or takes it back. By camera the first wave orders B for a slot of its own on every device, with a part of its cameras; the promotion orders it for <code>main</code>, and the slot goes when <code>main</code> has it. The controller sets shares in the settings of devices, and refuses them from people.</p><p><strong>Consequences.</strong> One list, one page, one comparison, one way back. A is what devices run: two new versions are compared by rolling out one of them first. By device B only grows. Groups have no share any more: a rollout whose target is the group has late joiners too. An experiment by camera can&#39;t be aborted or superseded while it runs, as its slots would be nobody&#39;s.</p><p><strong>Tried and measured.</strong> A share with a mark that it is promoted, and a memory per device of what was let go, were needed while groups owned shares; with a record per device of the rollout neither is.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0083-an-experiment-is-a-rollout.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0083AnExperimentIsARollout = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0083AnExperimentIsARollout as default
};
