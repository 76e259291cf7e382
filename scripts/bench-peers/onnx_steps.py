"""A contestant of scripts/bench-inference.ts: a network of ours, exported as ONNX, in onnxruntime or OpenVINO on the CPU.

    python scripts/bench-peers/onnx_steps.py <way> <precision> <model.onnx> <batch> <threads>

Ways: onnxruntime (f32 only); openvino, the whole batch at once by all threads; openvino-streams, a part of the batch for each thread.
Commands: predict, memory.
"""

import json
import resource
import sys
import time

import numpy as np

way, precision, path, batch, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
images = np.random.default_rng(1).random((batch, 32, 32, 3), dtype=np.float32)


def onnxruntime():
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return ort.__version__, lambda: session.run(None, {"images": images})[0]


def openvino():
    import openvino as ov

    parts = np.array_split(images, threads if way == "openvino-streams" else 1)
    core = ov.Core()
    compiled = core.compile_model(
        core.read_model(path),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": len(parts),
            "ENABLE_CPU_PINNING": False,
        },
    )
    requests = [compiled.create_infer_request() for _ in parts]

    def run():
        for request, part in zip(requests, parts):
            request.start_async({"images": part}, share_inputs=True)
        for request in requests:
            request.wait()
        return np.concatenate([request.get_output_tensor().data for request in requests])

    return ov.__version__.split("-")[0], run


version, run = onnxruntime() if way == "onnxruntime" else openvino()


def predict():
    start = time.perf_counter()
    probabilities = run()
    seconds = time.perf_counter() - start
    assert probabilities.shape == (batch, 10) and np.allclose(probabilities.sum(axis=1), 1, atol=0.02)
    return {"seconds": seconds}


def memory():
    return {"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "version": version}


for line in sys.stdin:
    print(json.dumps({"predict": predict, "memory": memory}[line.strip()]()), flush=True)
