import { ssrRenderAttrs } from "vue/server-renderer";
import { useSSRContext } from "vue";
import { _ as _export_sfc } from "./plugin-vue_export-helper.1tPrXgE0.js";
const __pageData = JSON.parse('{"title":"Run in a container","description":"","frontmatter":{},"headers":[],"relativePath":"containers.md","filePath":"containers.md"}');
const _sfc_main = { name: "containers.md" };
function _sfc_ssrRender(_ctx, _push, _parent, _attrs, $props, $setup, $data, $options) {
  _push(`<div${ssrRenderAttrs(_attrs)}><h1 id="run-in-a-container" tabindex="-1">Run in a container <a class="header-anchor" href="#run-in-a-container" aria-label="Permalink to &quot;Run in a container&quot;">​</a></h1><p><code>npm run package -- --oci</code> writes <code>goshawk-agent_&lt;version&gt;.oci</code>, an OCI image layout for amd64 and arm64, beside the <a href="./packages.html">packages</a>. You need no container engine to build it.</p><ol><li><p>Copy the image to your registry, or run it from the folder:</p><pre><code>skopeo copy oci:build/packages/goshawk-agent_0.1.0.oci:0.1.0 docker://registry.example/goshawk-agent:0.1.0
podman run --read-only --cap-drop all -e GOSHAWK_DEVICE=box-7 -e GOSHAWK_BROKER_URL=mqtt://broker.example:1883 \\
    -v goshawk:/var/lib/goshawk-agent --tmpfs /tmp oci:build/packages/goshawk-agent_0.1.0.oci:0.1.0
</code></pre></li><li><p>To join a fleet, give it a <a href="./enrolment.html">claim</a> in place of a broker:</p><pre><code>podman secret create goshawk-claim claim.token
podman run --read-only --cap-drop all -e GOSHAWK_DEVICE=box-7 --secret goshawk-claim,uid=10001,mode=0400 \\
    -e GOSHAWK_ENROLMENT_CLAIM_FILE=/run/secrets/goshawk-claim \\
    -v goshawk:/var/lib/goshawk-agent --tmpfs /tmp oci:build/packages/goshawk-agent_0.1.0.oci:0.1.0
</code></pre></li></ol><p>The tag covers both processors; skopeo and podman choose the right one. umoci does not and calls the tag ambiguous, so there is a tag per processor too:</p><pre><code>umoci unpack --image build/packages/goshawk-agent_0.1.0.oci:0.1.0-amd64 bundle
</code></pre><table tabindex="0"><thead><tr><th>topic</th><th>details</th></tr></thead><tbody><tr><td>user</td><td>10001, by number; no capability is needed</td></tr><tr><td>contents of the agent&#39;s image</td><td>the program of the package, <code>goshawk</code>, ffmpeg, GStreamer with the plugins for RTSP, MJPEG, H.264, H.265 and V4L2, Cyclone DDS, Fast DDS, libturbojpeg; no shell, no package manager, no setuid program</td></tr><tr><td>contents of the controller&#39;s image</td><td>the program of the package and <code>goshawk</code></td></tr><tr><td>more packages</td><td><code>npm run package -- --oci-only --package tpm2-tools</code>, repeated as needed: adds programs, plugins and data of a Debian package and the libraries that they need</td></tr><tr><td>settings</td><td>mount a file over <code>/etc/goshawk/agent.json</code> (controller: <code>controller.json</code>), or set <code>GOSHAWK_...</code> variables (<a href="./settings.html">settings.md</a>). The image names no device and no broker: set <code>GOSHAWK_DEVICE</code>, and <code>GOSHAWK_BROKER_URL</code> or a claim</td></tr><tr><td>state</td><td>the volume <code>/var/lib/goshawk-agent</code>; everything else can be read-only, with a <code>/tmp</code></td></tr><tr><td>camera, GPU</td><td><code>--device /dev/video0 --group-add video</code>; NVIDIA&#39;s runtime and the TensorRT plugin were not tried in it</td></tr><tr><td>ROS 2</td><td><code>--network host</code> to reach nodes outside; tried with two nodes in one container</td></tr><tr><td>reproducible</td><td>the layers of the program; the Debian layer changes when Debian updates a package</td></tr></tbody></table><p>Of the 198 MB that a board downloads, 112 MB are the Debian layer, which an update of Goshawk does not download again. In a container, remedies name the image builder instead of <code>apt-get</code> (<code>/usr/lib/goshawk-agent/place.json</code>).</p><p>Images are not signed, and the list of Debian packages is not kept for scanners. For tests see <a href="./evidence/packages.html">the evidence</a>.</p></div>`);
}
const _sfc_setup = _sfc_main.setup;
_sfc_main.setup = (props, ctx) => {
  const ssrContext = useSSRContext();
  (ssrContext.modules || (ssrContext.modules = /* @__PURE__ */ new Set())).add("containers.md");
  return _sfc_setup ? _sfc_setup(props, ctx) : void 0;
};
const containers = /* @__PURE__ */ _export_sfc(_sfc_main, [["ssrRender", _sfc_ssrRender]]);
export {
  __pageData,
  containers as default
};
