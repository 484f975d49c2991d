import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"One deployment at a time over all slots, and memory is asked before","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0054-one-deployment-at-a-time.md","filePath":"decisions/0054-one-deployment-at-a-time.md"}');
const _sfc_main = { name: "decisions/0054-one-deployment-at-a-time.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="one-deployment-at-a-time-over-all-slots-and-memory-is-asked-before" tabindex="-1">One deployment at a time over all slots, and memory is asked before <a class="header-anchor" href="#one-deployment-at-a-time-over-all-slots-and-memory-is-asked-before" aria-label="Permalink to &quot;One deployment at a time over all slots, and memory is asked before&quot;">​</a></h1><p>Area: agent. Commit: <code>33bc74a</code>.</p><p><strong>Context.</strong> A deployment holds two models of its slot in memory: the one that serves and the one that is built, checked and watched. With several slots that would be twice as many models as slots.</p><p><strong>Decision.</strong> Deployers of all slots take turns (<code>DeploymentTurns</code>), in the order of their orders, from the download to the end of the probation. Before an engine is opened the bundle&#39;s memory budget is compared with what is free; a deployment that has no room is refused and not quarantined.</p><p><strong>Consequences.</strong> Peak memory is all slots and one more model. Three slots with a probation of half a minute take one and a half minutes. What only waits before or between its bytes gives its turn up (0070); bytes that come hold it. Bundles without a budget are not asked about.</p><p><strong>Tried and measured.</strong> <code>test/unit/agent/slots/slot-set.test.ts</code> (never two engines at once; refused before anything stops), <code>test/unit/agent/slots/convergence.test.ts</code> (random desired states and power cuts). On a board it was not measured.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0054-one-deployment-at-a-time.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0054OneDeploymentAtATime = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0054OneDeploymentAtATime as default
};
