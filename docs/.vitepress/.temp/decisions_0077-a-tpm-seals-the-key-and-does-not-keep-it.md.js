import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse(`{"title":"A TPM seals the device's key, and does not keep it","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0077-a-tpm-seals-the-key-and-does-not-keep-it.md","filePath":"decisions/0077-a-tpm-seals-the-key-and-does-not-keep-it.md"}`);
const _sfc_main = { name: "decisions/0077-a-tpm-seals-the-key-and-does-not-keep-it.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-tpm-seals-the-device-s-key-and-does-not-keep-it" tabindex="-1">A TPM seals the device&#39;s key, and does not keep it <a class="header-anchor" href="#a-tpm-seals-the-device-s-key-and-does-not-keep-it" aria-label="Permalink to &quot;A TPM seals the device&#39;s key, and does not keep it&quot;">​</a></h1><p>Area: enrolment. Commit: <code>ffcd5ea</code>.</p><p><strong>Context.</strong> What is encrypted for a device is opened with the key of its certificate, by ECDH. A TPM could keep that key behind PKCS #11 (0055), but tpm2-pkcs11 1.9 lists no mechanism that derives, so such a device opens no encrypted model. A second key beside the certificate&#39;s would need a second certificate, and owners encrypt for the one that they see.</p><p><strong>Decision.</strong> The key is made in software. Its 32 bytes lie on the disk as a sealed data object of the TPM, and are opened into memory at the start; all else is as with a key file. The programs of tpm2-tools do it, secrets by pipes. The parent is a primary key of the owner hierarchy that is made anew each time from a template written out here: nothing is stored in the TPM, and a cleared or other TPM makes another one. The object has a digest of its own, so a damaged one is told from one of another TPM. No refusal makes a new key: a disk in another board would otherwise ask for an identity by itself. Registers (PCRs) are off by default: an update of the firmware would lock out a fleet.</p><p><strong>Consequences.</strong> Root on a running device, and a listener on the bus of a TPM chip, can have the key; a token would give it to neither. A start may wait 20 s for a TPM that hangs.</p><p><strong>Tried and measured.</strong> <code>test/integration/tpm-seal.test.ts</code> with swtpm 0.7 and tpm2-tools 5.7. Rejected: the TSS&#39;s own library from C++ (another addon for what runs once a start), a sealed AES key around the PEM (one file more, nothing gained: the key itself is small enough), a parent stored in the TPM (to be cleaned up). No TPM of hardware was at hand.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0077-a-tpm-seals-the-key-and-does-not-keep-it.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0077ATpmSealsTheKeyAndDoesNotKeepIt = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0077ATpmSealsTheKeyAndDoesNotKeepIt as default
};
