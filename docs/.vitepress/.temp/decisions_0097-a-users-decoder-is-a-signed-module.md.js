import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"A user's decoder is a module of the bundle, in a thread of its own","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0097-a-users-decoder-is-a-signed-module.md","filePath":"decisions/0097-a-users-decoder-is-a-signed-module.md"}`);
const _sfc_main = { name: "decisions/0097-a-users-decoder-is-a-signed-module.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-user-s-decoder-is-a-module-of-the-bundle-in-a-thread-of-its-own" tabindex="-1">A user&#39;s decoder is a module of the bundle, in a thread of its own <a class="header-anchor" href="#a-user-s-decoder-is-a-module-of-the-bundle-in-a-thread-of-its-own" aria-label="Permalink to &quot;A user&#39;s decoder is a module of the bundle, in a thread of its own&quot;">​</a></h1><p>Area: models. Commit: <code>4a50225</code>.</p><p><strong>Context.</strong> A network that no family reads had no way into a device. Its outputs are tensors; what they mean only its user knows. Peers run such code in the process that serves (Triton&#39;s Python backend in a stub process, DeepStream&#39;s parsers as libraries in the pipeline).</p><p><strong>Decision.</strong> The bundle brings an ES module with a function <code>decode</code>. It is an attachment, so its digest is in the manifest, and who signs the bundle signs it. It runs in a worker thread of its own, without the environment, with limits on time, heap and the size of what it says. What it throws is an error of the frame (an <code>InputError</code>), which never counts against the engine: the agent restarts nothing for it. A device runs no such module unless its own settings say so (<code>decoderModules</code>); the fleet can&#39;t.</p><p><strong>Consequences.</strong> The thread limits mistakes, not intent: the module has the rights of the agent. A process with Node&#39;s permission model would take the file system away, at the cost of copying every output through a pipe; Node 20 calls it experimental. A module with <code>process.kill</code> still ends the agent. Results are JSON under <code>data</code>; ROS 2 has no field for them. <code>goshawk model optimize</code>, golden sets and <code>evaluate</code> refuse such bundles, since nothing but the module can tell whether an answer is right.</p><p><strong>Tried and measured.</strong> A module that loops, never answers, exits, throws, throws later, fills its memory, and says NaN, a BigInt, a typed array, a circle or too much: each costs its own picture, and the next one is read (<code>test/unit/adapters/decoder-module</code>).</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0097-a-users-decoder-is-a-signed-module.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0097AUsersDecoderIsASignedModule = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0097AUsersDecoderIsASignedModule as default
};
