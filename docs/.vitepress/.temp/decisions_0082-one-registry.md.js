import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Models are content of one registry, and one client fetches them","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0082-one-registry.md","filePath":"decisions/0082-one-registry.md"}');
const _sfc_main = { name: "decisions/0082-one-registry.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="models-are-content-of-one-registry-and-one-client-fetches-them" tabindex="-1">Models are content of one registry, and one client fetches them <a class="header-anchor" href="#models-are-content-of-one-registry-and-one-client-fetches-them" aria-label="Permalink to &quot;Models are content of one registry, and one client fetches them&quot;">​</a></h1><p>Area: fleet. Commit: <code>9dafc2c</code>.</p><p><strong>Context.</strong> A bundle was stored twice: as a folder of the controller with a list of the files that had come, and as an OCI artifact. A reconciler made one of the other at every start. Each store had a way in (<code>fleet push</code> and HTTP routes; <code>model push</code> and <code>/v2/</code>), and an order could carry an address as well. Devices and the command line had a client each, with codes, limits and redirects of their own.</p><p><strong>Decision.</strong> The registry is the only store. A model is an artifact with a bundle in the repository of the bundle&#39;s name; the list of models is read from there and keeps no bytes. A push under another name puts the same artifact into that repository first, by digest. <code>goshawk model push</code> is the only way in, beside any other tool for registries. Orders name a digest and no address: a device fetches from the registry of its settings, otherwise from the controller that let it in. One client (<code>src/adapters/oci</code>) resumes, paces, bounds and checks for devices, the command line and peers; a peer is a registry that gives blobs alone.</p><p><strong>Consequences.</strong> A device that is not enrolled names its registry (<code>artifacts.registry</code>). A model whose bytes are lost is listed as not complete until it is pushed again. Deleting the artifact in the repository of its name deletes the model, whatever other names it has. A device asks for tokens at its registry&#39;s own origin; the command line also at a host of its domain, as public registries need.</p><p><strong>Tried and measured.</strong> <code>test/unit/controller/registry/cuts.test.ts</code> ends a push at each step: what is listed is whole, and the next push goes through. Rejected: a setting without <code>/v2/</code>, since nothing could then come in.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0082-one-registry.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0082OneRegistry = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0082OneRegistry as default
};
