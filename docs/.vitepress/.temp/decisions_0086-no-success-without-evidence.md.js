import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A model that nothing speaks for is kept, and nobody calls it good","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0086-no-success-without-evidence.md","filePath":"decisions/0086-no-success-without-evidence.md"}');
const _sfc_main = { name: "decisions/0086-no-success-without-evidence.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-model-that-nothing-speaks-for-is-kept-and-nobody-calls-it-good" tabindex="-1">A model that nothing speaks for is kept, and nobody calls it good <a class="header-anchor" href="#a-model-that-nothing-speaks-for-is-kept-and-nobody-calls-it-good" aria-label="Permalink to &quot;A model that nothing speaks for is kept, and nobody calls it good&quot;">​</a></h1><p>Area: fleet. Commit: <code>566a8f6</code>.</p><p><strong>Context.</strong> A probation of 30 s at half a frame a second has 15 frames, and below 20 nothing was judged: a model that failed on all of them was committed, and its rollout finished. A gate without enough history paused, the canary kept the bad version, its health was ok, and no rule fired.</p><p><strong>Decision.</strong> A probation without 20 frames lasts up to ten times as long, ten minutes at most; then what there is decides: with failures the old model comes back, with none it is committed as <code>unproven</code>, and frames that come later say more. A rollout counts such a device as one that gave no answer. A pause that no person chose names the devices that it leaves on the version, as an event of severity error and in their health (<code>unproven</code>, with a usual rule of alerts). With <code>onUnclear: rollback</code> a gate that can&#39;t say goes back. The standard stays to pause: a third of good versions end so on four cameras in an hour (0062).</p><p><strong>Consequences.</strong> A rollout over devices whose cameras are dark pauses. A device that was dark at its swap is degraded until it has seen frames. <code>probationSeconds: 0</code> asks for no evidence and gets none.</p><p><strong>Tried and measured.</strong> <code>test/hostile/slow-camera.test.ts</code>, <code>test/hostile/no-verdict.test.ts</code>, and the table in <code>test/unit/agent/deployment/probation.test.ts</code>, with fakes and the clock of a test.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0086-no-success-without-evidence.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0086NoSuccessWithoutEvidence = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0086NoSuccessWithoutEvidence as default
};
