import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A will has a delay, so the session is kept","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0019-will-delay-keeps-the-session.md","filePath":"decisions/0019-will-delay-keeps-the-session.md"}');
const _sfc_main = { name: "decisions/0019-will-delay-keeps-the-session.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-will-has-a-delay-so-the-session-is-kept" tabindex="-1">A will has a delay, so the session is kept <a class="header-anchor" href="#a-will-has-a-delay-so-the-session-is-kept" aria-label="Permalink to &quot;A will has a delay, so the session is kept&quot;">​</a></h1><p>Area: wire. Commit: <code>da3ceaa</code>.</p><p><strong>Context.</strong> Without a delay every short drop of the network is a death on the dashboard. MQTT 5 sends a delayed will at once when the session ends, and a clean start ends it.</p><p><strong>Decision.</strong> The will waits 5 s. A device connects with clean start off and a session expiry of the delay and 60 s; a proper goodbye sets the expiry to 0.</p><p><strong>Consequences.</strong> A drop of a few seconds is not seen. Subscriptions survive at the broker; they are sent again all the same, before <code>online</code> is told. Setting clean start &quot;to be safe&quot; undoes the delay.</p><p><strong>Tried and measured.</strong> One contract suite runs it over Mosquitto, aedes and the fake transport.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0019-will-delay-keeps-the-session.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0019WillDelayKeepsTheSession = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0019WillDelayKeepsTheSession as default
};
