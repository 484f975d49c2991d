import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Clips are cut from a transport stream in memory","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0094-clips-are-cut-from-a-transport-stream.md","filePath":"decisions/0094-clips-are-cut-from-a-transport-stream.md"}');
const _sfc_main = { name: "decisions/0094-clips-are-cut-from-a-transport-stream.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="clips-are-cut-from-a-transport-stream-in-memory" tabindex="-1">Clips are cut from a transport stream in memory <a class="header-anchor" href="#clips-are-cut-from-a-transport-stream-in-memory" aria-label="Permalink to &quot;Clips are cut from a transport stream in memory&quot;">​</a></h1><p>Area: clips. Commit: <code>77041bf</code>.</p><p><strong>Context.</strong> A clip needs what a camera sent before anybody knew that it would be wanted, without encoding it again. Frigate keeps segments of ten seconds on the disk and joins them; DeepStream&#39;s smart record keeps a cache in memory.</p><p><strong>Decision.</strong> The ffmpeg that decodes a camera gives its stream too, as MPEG-TS on a further pipe (<code>-c copy</code>). We cut that into pictures, keep them in memory and give a stretch of them to ffmpeg, which writes the MP4. A transport stream goes on from any keyframe, has its parameter sets inside, and pictures one after the other are one again, so nothing is written by us but bytes that came. Pictures and packets have the same times: what was found on a frame is hidden on that very frame.</p><p><strong>Consequences.</strong> The disk is written for clips alone. The camera is opened once. 150 lines read the tables and headers of one video stream (<code>src/adapters/ffmpeg/transport-stream.ts</code>), held to ffmpeg&#39;s output and to damage. A camera with clips is read by ffmpeg, not by GStreamer.</p><p><strong>Tried and measured.</strong> fMP4 from ffmpeg: a fragment is a whole group of pictures late, and a change of resolution ends the file. Segment files on a tmpfs: the last, open one is lost when a camera dies, and every group costs files. mediabunny 1.61 and mp4box from npm read or write MP4 in JavaScript; ffmpeg has to be there to blur, so they would be a second way. Packets and frames of H.264 (B frames too), H.265 and JPEG over RTSP had the same times to the nanosecond of the 90 kHz clock (ffmpeg 7.1).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0094-clips-are-cut-from-a-transport-stream.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0094ClipsAreCutFromATransportStream = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0094ClipsAreCutFromATransportStream as default
};
