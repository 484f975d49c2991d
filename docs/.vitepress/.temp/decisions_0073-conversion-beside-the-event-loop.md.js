import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"A camera's encoding is converted on another thread, when a detector is free for it","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0073-conversion-beside-the-event-loop.md","filePath":"decisions/0073-conversion-beside-the-event-loop.md"}`);
const _sfc_main = { name: "decisions/0073-conversion-beside-the-event-loop.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-camera-s-encoding-is-converted-on-another-thread-when-a-detector-is-free-for-it" tabindex="-1">A camera&#39;s encoding is converted on another thread, when a detector is free for it <a class="header-anchor" href="#a-camera-s-encoding-is-converted-on-another-thread-when-a-detector-is-free-for-it" aria-label="Permalink to &quot;A camera&#39;s encoding is converted on another thread, when a detector is free for it&quot;">​</a></h1><p>Area: data plane. Commit: <code>efa413ca</code>.</p><p><strong>Context.</strong> rgba8, bgra8, Bayer, uyvy, nv21 and 16 bit pictures become an encoding that the letterbox reads. That was done where <code>pixels.data</code> was read, on the event loop: 1.2 to 14 ms a picture of 1080p, and the message&#39;s pieces were put together there too.</p><p><strong>Decision.</strong> <code>Pixels.prepare</code>, where it is there, converts on a thread of Node&#39;s pool; the node that detects waits for it before it hands the frame over, a node that waits for motion before it looks. <code>data</code> without it still converts at once: nobody gets wrong pixels.</p><p><strong>Consequences.</strong> A frame that gives way to a newer one still costs nothing, and no more conversions are under way than frames are with detectors. A message is given back when the conversion that reads it is done, also where its frame was released before.</p><p><strong>Tried and measured.</strong> <code>npm run bench -- ros2-conversion</code>: the event loop was held 13 to 32 ms a picture at the median on a busy machine, and is held 0.005 ms. Thought of and not done: converting when the picture comes, as a PNG is decoded (it converts what nobody looks at: of a camera of 30 Hz in front of a detector of 5 Hz, five of six); and reading these encodings in the letterbox itself (a Bayer row needs its neighbours, and the letterbox of the GPU would need all ten kernels again).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0073-conversion-beside-the-event-loop.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0073ConversionBesideTheEventLoop = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0073ConversionBesideTheEventLoop as default
};
