import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"A picture of a stream is stamped by the stream's clock, laid on ours by the picture that came soonest","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0045-stream-clock.md","filePath":"decisions/0045-stream-clock.md"}`);
const _sfc_main = { name: "decisions/0045-stream-clock.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-picture-of-a-stream-is-stamped-by-the-stream-s-clock-laid-on-ours-by-the-picture-that-came-soonest" tabindex="-1">A picture of a stream is stamped by the stream&#39;s clock, laid on ours by the picture that came soonest <a class="header-anchor" href="#a-picture-of-a-stream-is-stamped-by-the-stream-s-clock-laid-on-ours-by-the-picture-that-came-soonest" aria-label="Permalink to &quot;A picture of a stream is stamped by the stream&#39;s clock, laid on ours by the picture that came soonest&quot;">​</a></h1><p>Area: cameras. Commit: <code>3e905eb</code>.</p><p><strong>Context.</strong> A tracker and every latency need to know when a picture was taken. Arrival is that plus whatever the network did to it; with TCP a lost packet holds up a second of pictures and lets them come at once. A camera&#39;s own wall clock (RTCP sender reports) is often wrong by hours, and absent from MJPEG.</p><p><strong>Decision.</strong> <code>StreamClock</code> takes the least of arrival less stream time over a window of 30 to 60 s as the distance of the two clocks. Stream times that stand still, go back or jump by more than 5 s begin anew, with the arrival. Recordings keep their own times, from 0, when they are played as fast as they go. V4L2 buffers carry the kernel&#39;s monotonic clock.</p><p><strong>Consequences.</strong> Pictures keep the distances that the camera gave them. What all pictures are late by (exposure, encoder, the shortest way through the network) is in no stamp, so capture-to-publish is too small by it. A camera whose clock is wrong by 50 parts in a million is followed to 4 ms.</p><p><strong>Tried and measured.</strong> <code>test/unit/perception/source/stream-clock.test.ts</code>: held-up pictures, jumps, standstill, drift.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0045-stream-clock.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0045StreamClock = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0045StreamClock as default
};
