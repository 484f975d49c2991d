import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"A lost member ends a round of a sum, and nobody reveals a mask","description":"","frontmatter":{},"headers":[],"relativePath":"decisions/0071-a-lost-member-ends-the-round.md","filePath":"decisions/0071-a-lost-member-ends-the-round.md"}');
const _sfc_main = { name: "decisions/0071-a-lost-member-ends-the-round.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="a-lost-member-ends-a-round-of-a-sum-and-nobody-reveals-a-mask" tabindex="-1">A lost member ends a round of a sum, and nobody reveals a mask <a class="header-anchor" href="#a-lost-member-ends-a-round-of-a-sum-and-nobody-reveals-a-mask" aria-label="Permalink to &quot;A lost member ends a round of a sum, and nobody reveals a mask&quot;">​</a></h1><p>Area: fleet. Commit: <code>aee0bf1b</code>.</p><p><strong>Context.</strong> Counts of devices that nobody shall see are summed under pairwise masks. When a device drops out after the masks were agreed, its masks stay in the sum. Bonawitz et al. (2017) let the others reveal them (or shares of its key), and add masks of each device&#39;s own against a controller that calls a device lost whose vector it has.</p><p><strong>Decision.</strong> No reveal. The round is thrown away, and a new one begins with those that answered, with new keys of all. The call of the device for a masked vector deletes the key of the round before it does anything else. Masks are made of the round, hours and labels: a controller that asks one device for others than the rest gets noise. Devices whose key is none, or stands twice, are left out before the round, by name; a device refuses them too, since it can&#39;t know that the controller looked.</p><p><strong>Consequences.</strong> A controller never gets anything but whole sums, and the protocol has two calls and no secret sharing. It costs all vectors again: with 256 devices and 50 numbers a round is 256 times 300 bytes up and 256 times 25 kB of keys down. A fleet that loses a device in each of three rounds gets no sum. Sums of different sets of devices can be subtracted from each other, with reveals as without: devices answer six rounds an hour, and docs/profiles.md says so. <code>revealFor</code> of <code>src/drift/federated/masks.ts</code> stays a part that no message carries. Agents with masks of hours and labels and agents without them do not sum: <code>sum-implausible</code>, until all are of one kind. Sums do not hide what other messages say: a device in sums leaves out drift signals of classes and scores, and boxes (docs/profiles.md lists what remains).</p><p><strong>Tried and measured.</strong> <code>test/unit/agent/statistics</code>, <code>test/unit/controller/profiles/sum-*.test.ts</code>: dropouts, silent members, garbage, vectors of another round, members and keys that stand twice, keys of low order, other hours and labels for one. No fleet of real devices, no more than six members.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("decisions/0071-a-lost-member-ends-the-round.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const _0071ALostMemberEndsTheRound = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  _0071ALostMemberEndsTheRound as default
};
