import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Commands are noun then verb, and a stored token goes to its own address only","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0098-a-token-goes-to-its-own-address.md","filePath":"decisions/0098-a-token-goes-to-its-own-address.md"}');
const _sfc_main = { name: "decisions/0098-a-token-goes-to-its-own-address.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="commands-are-noun-then-verb-and-a-stored-token-goes-to-its-own-address-only" tabindex="-1">Commands are noun then verb, and a stored token goes to its own address only <a class="header-anchor" href="#commands-are-noun-then-verb-and-a-stored-token-goes-to-its-own-address-only" aria-label="Permalink to &quot;Commands are noun then verb, and a stored token goes to its own address only&quot;">​</a></h1><p>Area: command line. Commit: <code>00011de</code>.</p><p><strong>Context.</strong> The command line had grown by accretion: 102 commands, most of them below <code>fleet</code>, some by verb (<code>set-model</code>), some by noun (<code>models set</code>), some twice (<code>device</code>, <code>inspect</code>). Each terminal needed the controller&#39;s address and a token, copied by hand.</p><p><strong>Decision.</strong> The first word is a noun, the second a verb, as docker, kubectl and gh have it; nouns are singular; one command per deed. <code>goshawk login</code> stores address and token as a <em>context</em> in <code>~/.config/goshawk/contexts.json</code> (mode 0600; a file that others can read is refused). Options go before environment, environment before context. A stored token is sent to the address that it was stored with, and to no other, whatever <code>--url</code> or <code>GOSHAWK_URL</code> name.</p><p><strong>Consequences.</strong> <code>test/docs/commands.test.ts</code> checks every command and option that a page or a message names against the program. It found three that did not exist.</p><p><strong>Tried and measured.</strong> A keyring (<code>@napi-rs/keyring</code>) needs a desktop session, which robots and servers do not have. <code>GOSHAWK_TOKEN</code> with a context&#39;s address stays possible, for programs.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0098-a-token-goes-to-its-own-address.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0098ATokenGoesToItsOwnAddress = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0098ATokenGoesToItsOwnAddress as default
};
