"""A client by gRPC's own library for Python: client.py ADDRESS MODEL PICTURE; prints what it was told as JSON."""

import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import grpc

here = Path(__file__).parent
out = tempfile.mkdtemp()
plugin = "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin"
subprocess.run(
    ["protoc", plugin, f"--python_out={out}", f"--grpc_python_out={out}", f"-I{here}", "inference.proto"],
    check=True,
)
sys.path.insert(0, out)
import inference_pb2 as pb
import inference_pb2_grpc as rpc

address, model, picture = sys.argv[1:]
channel = grpc.insecure_channel(address)
stub = rpc.GRPCInferenceServiceStub(channel)
ready = stub.ServerReady(pb.Empty(), timeout=60).ready
metadata = stub.ModelMetadata(pb.Model(name=model), timeout=60)
data = Path(picture).read_bytes()


def ask(raw):
    request = pb.Request(model_name=model, id="7")
    request.parameters["score_threshold"].double_param = 0.4
    tensor = request.inputs.add(name="image", datatype="BYTES", shape=[1])
    if raw:
        request.raw_input_contents.append(struct.pack("<I", len(data)) + data)
    else:
        tensor.contents.bytes_contents.append(data)
    return stub.ModelInfer(request, timeout=60)


def floats(answer, name):
    at = [output.name for output in answer.outputs].index(name)
    raw = answer.raw_output_contents[at]
    return list(struct.unpack(f"<{len(raw) // 4}f", raw))


answers = [ask(True), ask(False)]
try:
    stub.ModelInfer(pb.Request(model_name="nobody"), timeout=60)
    refused = None
except grpc.RpcError as error:
    refused = [error.code().name, error.details()]
print(
    json.dumps(
        {
            "ready": ready,
            "outputs": [output.name for output in metadata.outputs],
            "id": answers[0].id,
            "shape": list(answers[0].outputs[0].shape),
            "boxes": [floats(answer, "boxes") for answer in answers],
            "refused": refused,
        }
    )
)
