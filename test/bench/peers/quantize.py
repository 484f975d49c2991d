"""quantize.py float.onnx inputs.npy input out.onnx method symmetric excluded.json: ONNX Runtime's own static quantization.

Prints one line of JSON: CPU seconds and the largest resident size, MB.
"""
import json
import resource
import sys
import time

# onnxruntime.quantization dies in Debian without it.
import onnx.reference  # noqa: F401
import numpy
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

source, inputs, name, target, method, symmetric, excluded = sys.argv[1:8]
pictures = numpy.load(inputs, mmap_mode="r")


class Pictures(CalibrationDataReader):
    def __init__(self):
        self.at = 0

    def get_next(self):
        if self.at >= len(pictures):
            return None
        self.at += 1
        return {name: numpy.array(pictures[self.at - 1 : self.at])}


begin = time.process_time()
prepared = target + ".prepared"
quant_pre_process(source, prepared, skip_symbolic_shape=True)
quantize_static(
    prepared,
    target,
    Pictures(),
    quant_format=QuantFormat.QDQ,
    per_channel=True,
    activation_type=QuantType.QUInt8,
    weight_type=QuantType.QInt8,
    calibrate_method={"min-max": CalibrationMethod.MinMax, "percentile": CalibrationMethod.Percentile}[method],
    nodes_to_exclude=json.loads(excluded),
    extra_options={"ActivationSymmetric": symmetric == "symmetric"},
)
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
print(json.dumps({"cpu": time.process_time() - begin, "rssMb": used}))
