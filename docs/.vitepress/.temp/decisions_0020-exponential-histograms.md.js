import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Histograms have the same exponential buckets everywhere","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0020-exponential-histograms.md","filePath":"decisions/0020-exponential-histograms.md"}');
const _sfc_main = { name: "decisions/0020-exponential-histograms.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="histograms-have-the-same-exponential-buckets-everywhere" tabindex="-1">Histograms have the same exponential buckets everywhere <a class="header-anchor" href="#histograms-have-the-same-exponential-buckets-everywhere" aria-label="Permalink to &quot;Histograms have the same exponential buckets everywhere&quot;">​</a></h1><p>Area: wire. Commit: <code>59bc7b8</code>.</p><p><strong>Context.</strong> The p99 of a fleet can&#39;t be computed from the p99s of its devices.</p><p><strong>Decision.</strong> A latency is counted into the exponential histogram of OpenTelemetry at scale 3, with fixed edges, and only counts travel. Counts of cameras, batches and devices add up without loss.</p><p><strong>Consequences.</strong> A quantile is at most one bucket, 9.06 %, off. Prometheus gets classic edges made of these buckets. Another scale would be a new metric, not a setting: counts of two scales don&#39;t add up.</p><p><strong>Tried and measured.</strong> Merging is tested as a property: it adds up the same in whatever order and grouping.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0020-exponential-histograms.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0020ExponentialHistograms = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0020ExponentialHistograms as default
};
