"""A net of this recipe without training, of any width and size: what it takes to run is that of a trained one.

    python3 untrained.py --width 40 --size 640x640 --out wide.onnx
"""
import argparse

import torch

from export import export
from net import Street

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('--width', type=int, default=40)
parser.add_argument('--size', default='320x192', help='width x height of the picture')
parser.add_argument('--classes', type=int, default=5)
parser.add_argument('--out', required=True)
options = parser.parse_args()
torch.manual_seed(7)
width, height = (int(side) for side in options.size.split('x'))
sizes = [[8, 16], [16, 12], [24, 30], [40, 24], [30, 60], [80, 50], [60, 100], [120, 90], [160, 140]]
export(Street(options.classes, sizes, options.width, (height, width)), options.out)
