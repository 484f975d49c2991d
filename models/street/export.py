"""Writes the net as ONNX: batch norm folded into the convolutions, decode in the graph, fixed input [1, 3, 192, 320].

    python3 export.py street.pt street.onnx
"""
import sys

import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

from evaluate import LABELS
from net import Conv, Decoded, Street


def export(net, path):
    net = net.to(memory_format=torch.contiguous_format).eval()
    for part in net.modules():
        if isinstance(part, Conv):
            part.conv = fuse_conv_bn_eval(part.conv, part.bn)
            part.bn = torch.nn.Identity()
    torch.onnx.export(
        Decoded(net), torch.zeros(1, 3, *net.size), path, opset_version=13, dynamo=False, do_constant_folding=True,
        input_names=['images'], output_names=['output'],
    )


if __name__ == '__main__':
    saved = torch.load(sys.argv[1], weights_only=True)
    model = Street(len(LABELS), saved['anchors'], saved['width'])
    model.load_state_dict(saved['state'])
    export(model, sys.argv[2])
