import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A root begins time and generations anew","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0084-a-root-begins-time-and-generations-anew.md","filePath":"decisions/0084-a-root-begins-time-and-generations-anew.md"}');
const _sfc_main = { name: "decisions/0084-a-root-begins-time-and-generations-anew.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-root-begins-time-and-generations-anew" tabindex="-1">A root begins time and generations anew <a class="header-anchor" href="#a-root-begins-time-and-generations-anew" aria-label="Permalink to &quot;A root begins time and generations anew&quot;">​</a></h1><p>Area: trust. Commit: <code>864dc7da</code>.</p><p><strong>Context.</strong> Versions of metadata recover from a stolen online key: TUF forgets them when the root names another one. Two things of ours did not. The generation of an order only grew, so one of 2^53-1 ruled a device after the key was taken out. The time only grew, so a timestamp of the year 9999, or a controller whose clock was 120 days ahead, left a device unable to take an order, for ever or for 120 days.</p><p><strong>Decision.</strong> A generation counts among those of the keys that the director&#39;s root names for orders: the device keeps both together, and takes the first order of other keys whatever its number. The time belongs to the owners&#39; root: a new one says it anew, also earlier. Under one root it never goes back. Owners move it as they like, since their threshold signed it; the controller moves it freely where the system clock says the same, otherwise two days at most, once a day, and not at all where NTP keeps the system clock. The controller signs with no clock that jumped, unless NTP, its devices or its owners confirm it.</p><p><strong>Consequences.</strong> One document, signed by the owners&#39; threshold, undoes both. A device that lags behind loses nothing: metadata that is good is good for it too. On a board without a clock a new root can be held back to keep it at the day when that was signed. A key that was taken out can&#39;t come back, or the generations that it gave before would be new again: <code>goshawk keys rotate</code> refuses it.</p><p><strong>Tried and measured.</strong> A generation per signing key would need a list of all keys that ever signed. Letting the newest timestamp set the time back would let a thief keep the root from expiring on boards without a clock. A time server of its own (Uptane) is one more key on the same machine; resetting the clock when its key is rotated is taken from there.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0084-a-root-begins-time-and-generations-anew.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0084ARootBeginsTimeAndGenerationsAnew = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0084ARootBeginsTimeAndGenerationsAnew as default
};
