import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The noise of a gate is what it would have said of yesterday","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0063-pretended-changes.md","filePath":"decisions/0063-pretended-changes.md"}');
const _sfc_main = { name: "decisions/0063-pretended-changes.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-noise-of-a-gate-is-what-it-would-have-said-of-yesterday" tabindex="-1">The noise of a gate is what it would have said of yesterday <a class="header-anchor" href="#the-noise-of-a-gate-is-what-it-would-have-said-of-yesterday" aria-label="Permalink to &quot;The noise of a gate is what it would have said of yesterday&quot;">​</a></h1><p>Area: fleet. Commit: <code>aae43189</code>.</p><p><strong>Context.</strong> A gate compares minutes before and after a swap. Minutes of one camera depend on each other, cameras under one sky too, and traffic has its hours. A formula for the error of the difference has to assume how.</p><p><strong>Decision.</strong> The same comparison, with the same devices in the same arms, is made as if all had changed some hours earlier, as often as the history allows; the spread of what comes out is the error. Its variance may have a part that goes with how few objects were expected. Six changes that do not overlap are the least; below that ranks of devices decide where they can, else nothing does.</p><p><strong>Consequences.</strong> A device needs two or three days of history before its gate says much. A fleet where something changes every day by itself has wide intervals, as it should. What is expected uses days before the change alone. The p-value is Student&#39;s with as many degrees as windows that do not overlap: with heavier tails than that a gate would stop too often, so its rate was measured.</p><p><strong>Tried and measured.</strong> <code>npm run bench -- rollouts</code>, docs/rollout-gates.md; <code>test/unit/controller/rollouts/gates/evaluate.test.ts</code>. A t-test on frames, thresholds, and Mann and Whitney&#39;s test on blocks as Kayenta has it stand beside it in the table of docs/rollout-gates.md. Exact group sequential boundaries would find a little more than spending that is added up, and need increments that are independent, which is not known here.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0063-pretended-changes.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0063PretendedChanges = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0063PretendedChanges as default
};
