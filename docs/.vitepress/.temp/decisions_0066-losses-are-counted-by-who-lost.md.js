import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Losses are counted by who lost","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0066-losses-are-counted-by-who-lost.md","filePath":"decisions/0066-losses-are-counted-by-who-lost.md"}');
const _sfc_main = { name: "decisions/0066-losses-are-counted-by-who-lost.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="losses-are-counted-by-who-lost" tabindex="-1">Losses are counted by who lost <a class="header-anchor" href="#losses-are-counted-by-who-lost" aria-label="Permalink to &quot;Losses are counted by who lost&quot;">​</a></h1><p>Area: ROS 2. Commit: <code>bbc6d30</code>.</p><p><strong>Context.</strong> One number for lost pictures sent people to the network when their own event loop was late, and it stayed 0 over Cyclone DDS: 0.10.5 has DDS_SAMPLE_LOST_STATUS and raises it in one place only, which is no loss on the way (<code>dds_rhc_default.c</code>); a gap is passed over in silence (<code>q_receive.c</code>). Its sample info has no number.</p><p><strong>Decision.</strong> A picture that did not become a frame gave way here, was too large, or was lost on the way. The last is counted by the numbers that writers give their messages: Fast DDS tells it, for Cyclone we read it from the submessage in the receive buffer. Where no numbers are handed out (rclnodejs) gaps between the stamps stand in, and the count says that it is an estimate.</p><p><strong>Consequences.</strong> One more place depends on Cyclone&#39;s internal headers, as device/dds does already. A writer that comes again is another writer, whose first message counts from there.</p><p><strong>Tried and measured.</strong> <code>test/integration/ros2/loss.test.ts</code>: a camera that throws away one datagram of ten, every picture accounted for; <code>native/test/sequence_gaps_test.cc</code>, <code>test/unit/ros2/node/stamp-gaps.test.ts</code>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0066-losses-are-counted-by-who-lost.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0066LossesAreCountedByWhoLost = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0066LossesAreCountedByWhoLost as default
};
