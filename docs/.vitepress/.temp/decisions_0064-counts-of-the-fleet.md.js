import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"The fleet's profile is a sum of counts; masks are a seam","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0064-counts-of-the-fleet.md","filePath":"decisions/0064-counts-of-the-fleet.md"}`);
const _sfc_main = { name: "decisions/0064-counts-of-the-fleet.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-fleet-s-profile-is-a-sum-of-counts-masks-are-a-seam" tabindex="-1">The fleet&#39;s profile is a sum of counts; masks are a seam <a class="header-anchor" href="#the-fleet-s-profile-is-a-sum-of-counts-masks-are-a-seam" aria-label="Permalink to &quot;The fleet&#39;s profile is a sum of counts; masks are a seam&quot;">​</a></h1><p>Area: fleet. Commit: <code>c0d1c56c</code>.</p><p><strong>Context.</strong> A profile of a whole fleet needs the label mix and the scores of all cameras, and pictures must not leave them.</p><p><strong>Decision.</strong> Devices send counts by class and a histogram of scores every five minutes, which a gate needs too; the controller adds them up (<code>GET /fleet/profile</code>). Noise is an option of the answer: two-sided geometric, epsilon for one detection. Secure summation by pairwise masks is a pure part (<code>src/drift/federated/masks.ts</code>) with its threat model and its dropouts; since 0071 two calls carry it, for devices that send no counts. The controller sees each device&#39;s counts anyway, since gates, alerts and the page of a device are made of them: to hide them from it in one sum and show them in the next would promise what is not so. A fleet that has to hide them must send no such metrics, and then has no gates; for that fleet the masks are there (<code>statistics.counts: &quot;summed&quot;</code>).</p><p><strong>Consequences.</strong> The noise protects who reads the answer from one detection, not one person: who stands in a hundred frames is a hundred detections. Answers that are asked for again add up. Weights of a model can be summed by the same masks as whole numbers below 2^31 (fixed point); nothing does so.</p><p><strong>Tried and measured.</strong> <code>test/unit/drift/federated/federated.test.ts</code>, <code>test/unit/controller/profiles/profile-service.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0064-counts-of-the-fleet.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0064CountsOfTheFleet = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0064CountsOfTheFleet as default
};
