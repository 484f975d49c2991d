import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A notice says that something changed, an alarm that it harms","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0037-notice-and-alarm.md","filePath":"decisions/0037-notice-and-alarm.md"}');
const _sfc_main = { name: "decisions/0037-notice-and-alarm.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-notice-says-that-something-changed-an-alarm-that-it-harms" tabindex="-1">A notice says that something changed, an alarm that it harms <a class="header-anchor" href="#a-notice-says-that-something-changed-an-alarm-that-it-harms" aria-label="Permalink to &quot;A notice says that something changed, an alarm that it harms&quot;">​</a></h1><p>Area: drift. Commit: <code>369e3a6</code>.</p><p><strong>Context.</strong> Fog that a model sees through rang like a blind camera, and people stop looking.</p><p><strong>Decision.</strong> An incident is an alarm when more than a tenth of the mAP is expected to be lost, or nobody can tell; else it is a notice. Expected is twice the confidence that is gone (difference of confidences, Guillory et al. 2021). A notice may become an alarm, never the other way round.</p><p><strong>Consequences.</strong> Alert rules are about alarms unless they say otherwise. Confidence is blind to what a model no longer sees at all, so rules of the sensor, wrong known answers and regressions are always alarms.</p><p><strong>Tried and measured.</strong> Alarms: precision 0.83 and recall 1.00 on street 29, 0.74 and 0.97 on a street that nothing was chosen on. Every incident an alarm: 0.65 and 1.00.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0037-notice-and-alarm.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0037NoticeAndAlarm = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0037NoticeAndAlarm as default
};
