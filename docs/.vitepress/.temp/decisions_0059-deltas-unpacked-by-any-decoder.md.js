import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Deltas of zstd are unpacked by a decoder that knows none","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0059-deltas-unpacked-by-any-decoder.md","filePath":"decisions/0059-deltas-unpacked-by-any-decoder.md"}');
const _sfc_main = { name: "decisions/0059-deltas-unpacked-by-any-decoder.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="deltas-of-zstd-are-unpacked-by-a-decoder-that-knows-none" tabindex="-1">Deltas of zstd are unpacked by a decoder that knows none <a class="header-anchor" href="#deltas-of-zstd-are-unpacked-by-a-decoder-that-knows-none" aria-label="Permalink to &quot;Deltas of zstd are unpacked by a decoder that knows none&quot;">​</a></h1><p>Area: fleet. Commit: <code>fb888fd7</code>.</p><p><strong>Context.</strong> <code>zstd --patch-from</code> makes the smallest differences of models, and a device has to unpack them on Node 20, which has no zstd. Node&#39;s own comes with 22.15, a dictionary for it later. fzstd, already here for recordings, knows no dictionary. A program of the system would be one more package on each device, and one more process that meets bytes from outside.</p><p><strong>Decision.</strong> A delta is an ordinary frame whose matches reach back into the old file. <code>frameWithPrefix</code> writes a frame that begins with the old file as raw blocks, followed by the delta&#39;s own: raw blocks change neither the repeated offsets nor the tables, so any decoder gives the old file and then the new one. fzstd unpacks it in a thread, into room of the promised size. Frames are read before that: dictionaries, checksums and more blocks than the size warrants are refused or left out. Packing is the program <code>zstd</code> on the machine that pushes; without it models travel as they are.</p><p><strong>Consequences.</strong> Memory for twice the old file and the new one, so files above 256 MiB travel whole. Slower than C: 5.3 MB take 0.4 s of a core. The same bytes may be unpacked by Node&#39;s own zstd one day, without a change on the wire.</p><p><strong>Tried and measured.</strong> The zstd program unpacks the frames too and gives the same bytes, for deltas of 825 bytes to 1.9 MB and a file of 50 MB. fzstd as a stream copies its whole window for each block: 8.6 s for what takes 0.4 s at once.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0059-deltas-unpacked-by-any-decoder.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0059DeltasUnpackedByAnyDecoder = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0059DeltasUnpackedByAnyDecoder as default
};
