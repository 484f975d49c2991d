import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A crash note names the engine that took the process down","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0013-crash-note.md","filePath":"decisions/0013-crash-note.md"}');
const _sfc_main = { name: "decisions/0013-crash-note.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-crash-note-names-the-engine-that-took-the-process-down" tabindex="-1">A crash note names the engine that took the process down <a class="header-anchor" href="#a-crash-note-names-the-engine-that-took-the-process-down" aria-label="Permalink to &quot;A crash note names the engine that took the process down&quot;">​</a></h1><p>Area: engines. Commit: <code>1ef1043</code>.</p><p><strong>Context.</strong> A fault inside an engine ends the process. systemd starts it again, it takes the same engine, and ends again.</p><p><strong>Decision.</strong> A signal handler appends the signal and the plugin&#39;s name to a file before the process dies as it would have anyway. The next start reads who it was, takes another engine, and tells the fleet (<code>engine.crashed</code>).</p><p><strong>Consequences.</strong> A device goes on with a slower engine instead of in a loop. Only a thread that is inside a plugin blames it. On any other the signal goes, with what the kernel says of it, to whoever handled it before: V8 knows a trap of WebAssembly by that. After a note the handler of before is put back and the fault happens again. A fault on a thread that an engine started itself blames nobody, and happens again at the next start: that is the price, since blaming the engine that was entered last kept TensorRT from devices for a week for faults of libvips or DDS.</p><p>A process that must end because its GPU is lost to it (<code>GOSHAWK_PROCESS_LOST</code>) adds a line <code>lost &lt;plugin&gt;</code>. Most such faults are gone in the next process, so only three of them count.</p><p><strong>Tried and measured.</strong> <code>native/test/crash_note_test.cc</code> has each case as a process of its own, with the kernel&#39;s code and address; <code>test/conformance/engine-faults.test.ts</code> lets WebAssembly trap beside an engine (Node 20); <code>test/integration/engine-crash.test.ts</code> uses a live agent, a real fault and a real signal.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0013-crash-note.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0013CrashNote = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0013CrashNote as default
};
