import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Network cameras are decoded by GStreamer in process, through ffmpeg where it is not built, and MJPEG by our own code","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0044-gstreamer-in-process.md","filePath":"decisions/0044-gstreamer-in-process.md"}');
const _sfc_main = { name: "decisions/0044-gstreamer-in-process.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="network-cameras-are-decoded-by-gstreamer-in-process-through-ffmpeg-where-it-is-not-built-and-mjpeg-by-our-own-code" tabindex="-1">Network cameras are decoded by GStreamer in process, through ffmpeg where it is not built, and MJPEG by our own code <a class="header-anchor" href="#network-cameras-are-decoded-by-gstreamer-in-process-through-ffmpeg-where-it-is-not-built-and-mjpeg-by-our-own-code" aria-label="Permalink to &quot;Network cameras are decoded by GStreamer in process, through ffmpeg where it is not built, and MJPEG by our own code&quot;">​</a></h1><p>Area: cameras. Commit: <code>3d4594b</code>.</p><p><strong>Context.</strong> An RTSP camera has to be connected to, depacketized and decoded. ffmpeg as a child works on every machine that has the program, but its pictures come over a pipe: 3 MB per 1080p picture, copied twice. libgstreamer in process has no pipe, reports errors by number, takes a password as a property, and finds a Jetson&#39;s decoder by itself. MJPEG over HTTP needs neither: its pictures are files that the native data plane decodes already, at half or quarter size.</p><p><strong>Decision.</strong> An addon of its own (<code>native/src/gstreamer</code>) plays one pipeline per camera on a thread of its own; only the newest picture waits, as nv12, copied once into a block that goes round. It is built where the headers are. Where it is not built or does not load, ffmpeg is started as a child (<code>src/adapters/ffmpeg</code>). <code>http://</code> cameras are read by <code>src/adapters/mjpeg</code>, whose pictures stay JPEG. All three are kept by one supervisor.</p><p><strong>Consequences.</strong> A crash of a decoder in process is a crash of the agent. A pipeline that hangs in a dead network is left behind with its thread after three seconds. I420, which software decoders give, is woven into nv12 while it is copied: there is no way without a copy for it. ffmpeg&#39;s input goes in on its standard input as a list of one file, because its arguments can be read by every user of the machine; options that newer releases take in that list (transport, TLS) are not there before 5.0.</p><p><strong>Tried and measured.</strong> 1080p30, processor time per picture, in turns, best of 3 and 2 rounds on a busy machine: H.264 in process 6.55 ms, child 10.60, OpenCV&#39;s VideoCapture 7.32, the ffmpeg program alone 6.06; H.265 8.80, 13.25, 8.68, 7.47 (<code>npm run bench -- camera-cpu</code>). Ten minutes of troubles: docs/cameras.md.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0044-gstreamer-in-process.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0044GstreamerInProcess = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0044GstreamerInProcess as default
};
