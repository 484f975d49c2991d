import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Peers are named in the settings, and wait for each other","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0060-peers-are-named.md","filePath":"decisions/0060-peers-are-named.md"}');
const _sfc_main = { name: "decisions/0060-peers-are-named.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="peers-are-named-in-the-settings-and-wait-for-each-other" tabindex="-1">Peers are named in the settings, and wait for each other <a class="header-anchor" href="#peers-are-named-in-the-settings-and-wait-for-each-other" aria-label="Permalink to &quot;Peers are named in the settings, and wait for each other&quot;">​</a></h1><p>Area: fleet. Commit: <code>a39f19b0</code>.</p><p><strong>Context.</strong> Two hundred devices behind one line of 10 Mbit/s need 133 minutes for 50 MB each. They could give it to each other.</p><p><strong>Decision.</strong> A device serves blobs by digest over mutual TLS, read only, bounded. Others name it in their settings, by address or by a <code>.local</code> name where the system resolves them. There is no search: a device that announces itself tells a network what it is, the packages for it in JavaScript that were looked at answer without browsing (@homebridge/ciao) or are small, and the systems that Goshawk runs on have avahi.</p><p>Peers alone change nothing, because all devices ask at the same time and none has it: so a device asks its peers again for a time of its own before it goes to the registry.</p><p><strong>Consequences.</strong> How long a device is patient goes by the size of the fleet (0070). Certificates of devices stay for clients alone, so that no device passes for a controller; peers follow the chain themselves (<code>peer-certificate.ts</code>).</p><p><strong>Tried and measured.</strong> <code>npm run bench -- downloads</code>, simulated: with 8 peers each and no patience 10,000 MB over the line, with an hour 250 MB; with a registry that serves two at once 200 MB and 3.2 minutes. With ten minutes, 200 devices gain nothing, 8 devices all.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0060-peers-are-named.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0060PeersAreNamed = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0060PeersAreNamed as default
};
