import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"Plans of encrypted models are opened by the bundle's key","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0069-plans-are-opened-by-the-bundles-key.md","filePath":"decisions/0069-plans-are-opened-by-the-bundles-key.md"}`);
const _sfc_main = { name: "decisions/0069-plans-are-opened-by-the-bundles-key.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="plans-of-encrypted-models-are-opened-by-the-bundle-s-key" tabindex="-1">Plans of encrypted models are opened by the bundle&#39;s key <a class="header-anchor" href="#plans-of-encrypted-models-are-opened-by-the-bundle-s-key" aria-label="Permalink to &quot;Plans of encrypted models are opened by the bundle&#39;s key&quot;">​</a></h1><p>Area: trust. Commit: <code>f7755b63</code>.</p><p><strong>Context.</strong> A TensorRT plan holds the weights, so an encrypted model was refused there. A plan that lies encrypted needs a key on the device: one of its own in a file, or one that is wrapped by the device&#39;s key.</p><p><strong>Decision.</strong> The key of a plan is derived from the key of its bundle (HKDF, a purpose of its own), which the device unwraps with its own key, in a token where that is one. There is no other key to keep, rotate or lose. A bundle whose envelope no longer names the device opens neither network nor plan. The plan&#39;s file has the form of an encrypted network; its size and hash, plain and encrypted, stand in the cache&#39;s entry, whose key has the flag <code>encrypted</code>: it is never the entry of a plan that lies in plain.</p><p><strong>Consequences.</strong> A bundle that is encrypted anew with another key costs a build on every device. Whoever holds the bundle&#39;s key could read a plan that he takes from a device&#39;s disk: he has the network already. Network and plan go to the builder and back as files in memory by descriptor, so the plugin and the C ABI are as they were: it reads and writes <code>/proc/self/fd/3</code> and <code>/4</code>.</p><p><strong>Tried and measured.</strong> <code>test/integration/engine-encrypted.test.ts</code> and <code>encrypted-on-disk.test.ts</code>, with the reference engine. Taken out, one at a time: the encryption of the plan, the flag, the look at the envelope. No GPU.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0069-plans-are-opened-by-the-bundles-key.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0069PlansAreOpenedByTheBundlesKey = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0069PlansAreOpenedByTheBundlesKey as default
};
