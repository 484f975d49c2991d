import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Signed metadata is read by a client of our own, in a pure room","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0057-own-tuf-client.md","filePath":"decisions/0057-own-tuf-client.md"}');
const _sfc_main = { name: "decisions/0057-own-tuf-client.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="signed-metadata-is-read-by-a-client-of-our-own-in-a-pure-room" tabindex="-1">Signed metadata is read by a client of our own, in a pure room <a class="header-anchor" href="#signed-metadata-is-read-by-a-client-of-our-own-in-a-pure-room" aria-label="Permalink to &quot;Signed metadata is read by a client of our own, in a pure room&quot;">​</a></h1><p>Area: models. Commit: <code>8a9547c</code>.</p><p><strong>Context.</strong> Devices are to verify TUF metadata. tuf-js 6.0.2 and @tufjs/models 5.0.2 are the packages for it. Goshawk runs from Node 20.19 on; both ask for 22.22 (tried on 20: they pass with a warning). tuf-js saves with a plain <code>writeFileSync</code>, takes its time from <code>new Date()</code>, and fetches by itself. @tufjs/models verifies with <code>node:crypto</code> inside of its classes, so it can&#39;t be used in a pure room, and reads a threshold by key ids.</p><p><strong>Decision.</strong> <code>src/trust</code> reads, verifies and writes the metadata itself: about 900 lines without I/O, with hashes and signatures behind the port <code>TrustCrypto</code>. The reference time is an argument. A store and a source are ports: the store writes as a whole with fsync, the source is bounded. No package came.</p><p>What is stricter than TUF asks for: a key counts once under however many ids it stands (by its SubjectPublicKeyInfo), and every file says of which repository it is (<code>repository</code>, signed). The second is needed: one set of offline keys signs the root of the owner&#39;s repository and of the director, and in the latter the online key signs targets. Without the name the director&#39;s root would pass for the owner&#39;s.</p><p><strong>Consequences.</strong> The format is TUF&#39;s, so any tool that reads it can check ours; <code>repository</code>, <code>issued</code> and <code>custom</code> are fields that TUF lets stand. TAP 15 (succinct roles) is not read. We keep the client up to the specification ourselves; tuf-conformance says when it is not.</p><p><strong>Tried and measured.</strong> tuf-conformance: 113 of 113 (docs/trust.md). By the facts that were at hand tuf-js 5.0.1 failed one of them. Every check was taken out once; tests failed each time.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0057-own-tuf-client.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0057OwnTufClient = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0057OwnTufClient as default
};
