import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Four verdicts, and only a pass goes on","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0062-only-a-pass-goes-on.md","filePath":"decisions/0062-only-a-pass-goes-on.md"}');
const _sfc_main = { name: "decisions/0062-only-a-pass-goes-on.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="four-verdicts-and-only-a-pass-goes-on" tabindex="-1">Four verdicts, and only a pass goes on <a class="header-anchor" href="#four-verdicts-and-only-a-pass-goes-on" aria-label="Permalink to &quot;Four verdicts, and only a pass goes on&quot;">​</a></h1><p>Area: fleet. Commit: <code>00f3d7f1</code>.</p><p><strong>Context.</strong> Elsewhere inconclusive became success (argo-rollouts 3850, 1360, 1411) and missing data became failure (flagger 1501): a tool decides what nobody knows.</p><p><strong>Decision.</strong> A gate says pass, fail, inconclusive or no data. Pass goes to the next wave; fail goes back, or pauses where the policy says so; the other two pause, with what would settle it. A wave in which no device gave an answer is no data too. The guard that looks all the time can stop a rollout and can&#39;t let it go on. In a pause devices that are ready are told to wait (<code>hold</code> in the order) and let go by the same order when it is resumed.</p><p><strong>Consequences.</strong> A fleet that sends too little for its gate stops at every wave; the dry run says so beforehand. A pause that let half a wave switch would be none; what is on probation goes on, since it must end one way or the other.</p><p><strong>Tried and measured.</strong> <code>test/unit/controller/rollouts/gates-of-rollouts.test.ts</code>, <code>test/unit/agent/deployment/update-gate.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0062-only-a-pass-goes-on.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0062OnlyAPassGoesOn = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0062OnlyAPassGoesOn as default
};
