import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A profile inside a bundle is bound to the network, not to the bundle","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0043-profile-bound-to-network.md","filePath":"decisions/0043-profile-bound-to-network.md"}');
const _sfc_main = { name: "decisions/0043-profile-bound-to-network.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-profile-inside-a-bundle-is-bound-to-the-network-not-to-the-bundle" tabindex="-1">A profile inside a bundle is bound to the network, not to the bundle <a class="header-anchor" href="#a-profile-inside-a-bundle-is-bound-to-the-network-not-to-the-bundle" aria-label="Permalink to &quot;A profile inside a bundle is bound to the network, not to the bundle&quot;">​</a></h1><p>Area: drift. Commit: <code>4317c6c</code>.</p><p><strong>Context.</strong> A reference profile belongs to one model, and carried the digest of its bundle. It lay beside the bundle, so a rollout left it behind. A file that is inside of a bundle can&#39;t carry the digest of that bundle, which covers it.</p><p><strong>Decision.</strong> It carries the network digest: the sha256 over labels, contracts and the digests of the variants, in one canonical text (<code>src/model/network.ts</code>). It is an attachment <code>profiles/&lt;camera&gt;.json</code>, like the golden set found by its path; the manifest&#39;s schema stays 1, so older devices read such bundles. What a device learns is kept by network too (in the name of its file; inside it the digest of the bundle that ran).</p><p><strong>Consequences.</strong> A bundle that changes budgets, golden set, name or version alone keeps profiles, also learned ones. A changed variant, even one that a device does not run, makes another network. A profile inside a bundle is for every camera of that name that gets the bundle; where each place differs, devices learn.</p><p><strong>Tried and measured.</strong> <code>test/integration/fleet/drift-rollout.test.ts</code>: real agent and controller. A field <code>profiles</code> in the manifest would have needed schema 2, which older devices refuse.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0043-profile-bound-to-network.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0043ProfileBoundToNetwork = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0043ProfileBoundToNetwork as default
};
