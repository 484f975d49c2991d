import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Devices get certificates from an authority in the controller, by EST and with claims","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0042-own-authority-and-claims.md","filePath":"decisions/0042-own-authority-and-claims.md"}');
const _sfc_main = { name: "decisions/0042-own-authority-and-claims.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="devices-get-certificates-from-an-authority-in-the-controller-by-est-and-with-claims" tabindex="-1">Devices get certificates from an authority in the controller, by EST and with claims <a class="header-anchor" href="#devices-get-certificates-from-an-authority-in-the-controller-by-est-and-with-claims" aria-label="Permalink to &quot;Devices get certificates from an authority in the controller, by EST and with claims&quot;">​</a></h1><p>Area: enrolment. Commit: <code>cda98b4</code>.</p><p><strong>Context.</strong> Certificates were made by hand. step-ca&#39;s open-source part has no EST, and its rule of 24 hours after the end of a certificate fits no robot that is off for a month. A device at its first boot trusts nobody, and may believe in 1970.</p><p><strong>Decision.</strong> The controller signs with an intermediate; the root is made once and goes offline. EST (RFC 7030) carries the certificates, so other clients and servers work too. A claim is address, id, secret and the hash of the root: the device sends the secret only to whom that root signed. Devices have a listener of their own, apart from the API for people. Every request looks its certificate up among those that were given, instead of believing a chain: a revoked one is out at once, and one that is over may still renew. A person is asked wherever the name is known already. Revocation ends a connection at any broker by taking its client id.</p><p><strong>Consequences.</strong> Whoever has the intermediate&#39;s key can make devices; the root makes a new one. The controller keeps each certificate in memory (about 1.5 kB each). The key is a file, or in a token (<a href="./0055-keys-in-tokens-by-openssl.html">0055</a>). EMQX and RabbitMQ have no list of revoked certificates from us.</p><p><strong>Tried and measured.</strong> strongSwan 6.0.1 <code>pki --est</code> enrols, waits for a person, and renews. Mosquitto 2.0.21 reads the list again at SIGHUP and refuses the device in the same second; it does not send the will of a connection whose client id was taken over, so the controller publishes the death itself. @peculiar/x509 2.2 writes an empty list of extensions for an entry of a revocation list without a reason, which RFC 5280 does not know; ours have one. 1,000 requests at once: each is answered 202 or 503, and a member is served meanwhile.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0042-own-authority-and-claims.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0042OwnAuthorityAndClaims = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0042OwnAuthorityAndClaims as default
};
