import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"What the looks of a gate may spend is added up, and late looks are made as one","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0076-looks-of-a-gate-add-up.md","filePath":"decisions/0076-looks-of-a-gate-add-up.md"}');
const _sfc_main = { name: "decisions/0076-looks-of-a-gate-add-up.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="what-the-looks-of-a-gate-may-spend-is-added-up-and-late-looks-are-made-as-one" tabindex="-1">What the looks of a gate may spend is added up, and late looks are made as one <a class="header-anchor" href="#what-the-looks-of-a-gate-may-spend-is-added-up-and-late-looks-are-made-as-one" aria-label="Permalink to &quot;What the looks of a gate may spend is added up, and late looks are made as one&quot;">​</a></h1><p>Area: rollouts. Commit: <code>838174cb</code>.</p><p><strong>Context.</strong> A wave is looked at several times in its soak, so a bad version can be stopped before the end. Looks that each had the whole rate of false aborts would abort good versions more often than was set. Group sequential designs compute boundaries from how looks depend on each other; blocks of cameras stray together, and how is measured and not known.</p><p><strong>Decision.</strong> Look k of n may spend what the function of Lan and DeMets (like O&#39;Brien and Fleming) gives between (k-1)/n and k/n. These parts are added up (Bonferroni), so no dependence is assumed. Before the last look the gate can only fail; <code>passEarly</code> is asked for, and takes a part of what may be missed from the last look. The number of looks is fixed when the wave settles, and that a look was made is one transaction with what follows from it. Looks that were missed are made as one with the sum of their parts: the same minutes judged twice would spend it for nothing. After the last look nothing is left: a look that a person asks for by resuming refuses only by the guard&#39;s confidence sequence.</p><p><strong>Consequences.</strong> The last look finds a little less than a single one would. A look that is late has more blocks than its part was made for; that is on the safe side. Each look after the last may miss a harm once more.</p><p><strong>Tried and measured.</strong> docs/rollout-gates.md, <code>npm run bench -- rollout-looks</code>. Before, each resume after the end of a soak had the whole rate again. Since 0087 looks are late after a pause alone.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0076-looks-of-a-gate-add-up.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0076LooksOfAGateAddUp = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0076LooksOfAGateAddUp as default
};
