import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"The one number a user sets is the mean time between false alarms","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0033-false-alarm-time.md","filePath":"decisions/0033-false-alarm-time.md"}');
const _sfc_main = { name: "decisions/0033-false-alarm-time.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="the-one-number-a-user-sets-is-the-mean-time-between-false-alarms" tabindex="-1">The one number a user sets is the mean time between false alarms <a class="header-anchor" href="#the-one-number-a-user-sets-is-the-mean-time-between-false-alarms" aria-label="Permalink to &quot;The one number a user sets is the mean time between false alarms&quot;">​</a></h1><p>Area: drift. Commit: <code>5e1a375</code>.</p><p><strong>Context.</strong> Thresholds of fifty signals can&#39;t be set by hand, and a p-value per second means nothing to an operator.</p><p><strong>Decision.</strong> CUSUM per signal. The profile&#39;s minutes are drawn with replacement (block bootstrap), the peaks of the sums get an exponential tail, and the tail gives the threshold for the wanted time (ARL0, default 30 days). Holm shares the false alarms among families of signals.</p><p><strong>Consequences.</strong> A video&#39;s autocorrelation is in every threshold. What a reference of an hour can&#39;t know is covered by margins, and half a day is better.</p><p><strong>Tried and measured.</strong> No false alarm in twice three rendered days, where Kolmogorov-Smirnov windows had 51 and 63. A day with 24 times of day had two in three days (docs/drift.md).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0033-false-alarm-time.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0033FalseAlarmTime = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0033FalseAlarmTime as default
};
