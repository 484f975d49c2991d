"""run.py MODEL INPUT.f32 OUT_FOLDER SIDES...: what the interpreter of models/recovery makes of an input, each output as raw floats."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../../../models/recovery'))
import numpy as np  # noqa: E402
import torch  # noqa: E402
from onnx_module import OnnxModule  # noqa: E402

path, given, out, *sides = sys.argv[1:]
net = OnnxModule(path).eval()
x = torch.from_numpy(np.fromfile(given, np.float32).reshape([int(side) for side in sides]))
# With batch norm set by the picture itself, and folded again, the net has to stay what it is.
if net.free_batch(torch.cat((x, x))):
    net.normalize(x)
net.save(os.path.join(out, 'saved.onnx'))
with torch.no_grad():
    for name, value in net.eval()(x, net.outputs).items():
        value.float().contiguous().numpy().tofile(os.path.join(out, f'{net.outputs.index(name)}.f32'))
